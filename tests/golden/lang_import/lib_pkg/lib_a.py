print("a loaded", __name__)
from .lib_b import b_value
import sys
def who(): return __name__, b_value
_private = 5
public = 6
