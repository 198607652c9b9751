import lib_cycle_two
x = "one x"
def get(): return lib_cycle_two.y
