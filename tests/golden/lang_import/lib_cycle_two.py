import lib_cycle_one
try: from lib_cycle_one import x
except ImportError as e: print("cycle:", str(e).split(" (")[0], e.name)
try: lib_cycle_one.x
except AttributeError as e: print(str(e).split(" (")[0])
y = "two y"
