from .. import lib_b
from ..lib_b import b_value as renamed
print("sub init", renamed)
def deep(): return __package__, renamed, lib_b.late()
class Thing:
    def __repr__(self): return f"<Thing of {__name__}>"
