print("pkg init", __name__, __package__)
from . import lib_a
from .lib_sub import deep
VERSION = "1.0"
__all__ = ["VERSION", "lib_a", "hidden_but_listed"]
hidden_but_listed = 1
not_listed = 2
