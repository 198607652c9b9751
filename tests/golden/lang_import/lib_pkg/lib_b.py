b_value = "b"
from . import lib_a
late = lambda: lib_a.public
