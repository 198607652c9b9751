from .circle import PI
print("square sees", PI)
def area(s):
    return s * s
