//! Names that the interpreter itself looks up, interned once.

use crate::value::{Obj, Ref};

macro_rules! names {
    ($($field:ident = $text:literal),* $(,)?) => {
        /// Interned names.
        pub struct Names { $(pub $field: Ref,)* }

        impl Names {
            /// Makes all names.
            pub fn new() -> Self {
                Self { $($field: Obj::str($text),)* }
            }

            /// All names, for the interner.
            pub fn all(&self) -> Vec<Ref> {
                vec![$(self.$field.clone(),)*]
            }
        }
    };
}

names! {
    init = "__init__", new = "__new__", call = "__call__", del = "__del__", repr = "__repr__", str = "__str__",
    eq = "__eq__", ne = "__ne__", lt = "__lt__", le = "__le__", gt = "__gt__", ge = "__ge__", hash = "__hash__",
    bool = "__bool__", len = "__len__", iter = "__iter__", next = "__next__", contains = "__contains__",
    getitem = "__getitem__", setitem = "__setitem__", delitem = "__delitem__", missing = "__missing__", token_missing = "MISSING",
    getattr = "__getattr__", getattribute = "__getattribute__", setattr = "__setattr__", delattr = "__delattr__",
    get = "__get__", set = "__set__", delete = "__delete__", set_name = "__set_name__", init_subclass = "__init_subclass__",
    class_getitem = "__class_getitem__", class = "__class__", classcell = "__classcell__", dict = "__dict__", slots = "__slots__", weakref = "__weakref__",
    name = "__name__", qualname = "__qualname__", module = "__module__", doc = "__doc__", file = "__file__", path = "__path__",
    package = "__package__", spec = "__spec__", loader = "__loader__", builtins = "__builtins__",
    annotations = "__annotations__", defaults = "__defaults__", kwdefaults = "__kwdefaults__", bases = "__bases__", mro = "__mro__", mro_method = "mro",
    enter = "__enter__", exit = "__exit__", aenter = "__aenter__", aexit = "__aexit__", r#await = "__await__", aiter = "__aiter__", anext = "__anext__",
    index = "__index__", int = "__int__", float = "__float__", complex = "__complex__", format = "__format__", bytes = "__bytes__",
    abs = "__abs__", neg = "__neg__", pos = "__pos__", invert = "__invert__", round = "__round__", trunc = "__trunc__", floor = "__floor__", ceil = "__ceil__",
    add = "__add__", sub = "__sub__", mul = "__mul__", matmul = "__matmul__", truediv = "__truediv__", floordiv = "__floordiv__", r#mod = "__mod__", divmod = "__divmod__", pow = "__pow__",
    lshift = "__lshift__", rshift = "__rshift__", and = "__and__", or = "__or__", xor = "__xor__",
    radd = "__radd__", rsub = "__rsub__", rmul = "__rmul__", rmatmul = "__rmatmul__", rtruediv = "__rtruediv__", rfloordiv = "__rfloordiv__", rmod = "__rmod__", rdivmod = "__rdivmod__", rpow = "__rpow__",
    rlshift = "__rlshift__", rrshift = "__rrshift__", rand = "__rand__", ror = "__ror__", rxor = "__rxor__",
    iadd = "__iadd__", isub = "__isub__", imul = "__imul__", imatmul = "__imatmul__", itruediv = "__itruediv__", ifloordiv = "__ifloordiv__", imod = "__imod__", ipow = "__ipow__",
    ilshift = "__ilshift__", irshift = "__irshift__", iand = "__iand__", ior = "__ior__", ixor = "__ixor__",
    reversed = "__reversed__", length_hint = "__length_hint__", dir = "__dir__", sizeof = "__sizeof__", reduce = "__reduce__",
    instancecheck = "__instancecheck__", subclasscheck = "__subclasscheck__", prepare = "__prepare__", mro_entries = "__mro_entries__",
    match_args = "__match_args__", all = "__all__", main = "__main__", notes = "__notes__", wrapped = "__wrapped__", self_ = "__self__", func = "__func__",
    cause = "__cause__", context = "__context__", suppress_context = "__suppress_context__", traceback = "__traceback__", args = "args",
    send = "send", throw = "throw", close = "close", value = "value", write = "write", flush = "flush", read = "read", readline = "readline", keys = "keys", items = "items", append = "append", sort = "sort", metaclass = "metaclass",
    errno = "errno", strerror = "strerror", filename = "filename", msg = "msg", lineno = "lineno", offset = "offset", text = "text", code = "code", name_ = "name", obj = "obj", path_ = "path",
    lambda = "<lambda>", listcomp = "<listcomp>", setcomp = "<setcomp>", dictcomp = "<dictcomp>", genexpr = "<genexpr>", module_ = "<module>", empty = "",
    fset = "fset", abstract_methods = "__abstractmethods__", isabstractmethod = "__isabstractmethod__", set_result = "set_result", orig_bases = "__orig_bases__",
}
