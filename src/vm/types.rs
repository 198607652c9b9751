//! The built-in classes: one row each, made when a VM starts.

use std::cell::Cell;
use std::rc::Rc;

use crate::types;
use crate::value::class::{Solid, flag};
use crate::value::dict::Dict;
use crate::value::func::{Builtin, GetSet, NativeFn};
use crate::value::{Class, ClassRef, Kind, Obj, Ref, Value};
use crate::vm::Interner;

/// What a built-in class consists of.
#[derive(Clone, Copy)]
pub struct TypeDef {
    pub methods: &'static [Builtin],
    pub getsets: &'static [GetSet],
    /// How the class itself is called.
    pub construct: Option<&'static Builtin>,
    pub solid: Solid,
    pub flags: u32,
    pub doc: &'static str,
}

impl TypeDef {
    /// A class without methods of its own that scripts cannot instantiate.
    pub const PLAIN: Self = Self { methods: &[], getsets: &[], construct: None, solid: Solid::Builtin, flags: flag::NO_NEW | flag::FINAL, doc: "" };
    /// An exception class without anything of its own.
    pub const EXCEPTION: Self = Self { methods: &[], getsets: &[], construct: Some(&types::exception::CONSTRUCT), solid: Solid::Exception, flags: 0, doc: "" };
}

macro_rules! types {
    ($object:ident; $($field:ident: $name:literal ($base:ident) = $def:expr),* $(,)?) => {
        /// References to the built-in classes.
        pub struct Types { pub $object: ClassRef, $(pub $field: ClassRef,)* pub exception_group: ClassRef }

        impl Types {
            fn build(pool: &Rc<Interner>) -> Self {
                let $object = make_builtin(pool, "object", None, types::object::TYPE);
                $(let $field = make_builtin(pool, $name, Some(&$base), $def);)*
                let exception_group = $object.clone();
                let mut types = Self { $object, $($field,)* exception_group };
                types.exception_group = make_exception_group(pool, &types.base_exception_group, &types.exception);
                types
            }

            /// Every class, `object` first.
            pub fn all(&self) -> Vec<&ClassRef> {
                vec![&self.$object, $(&self.$field,)* &self.exception_group]
            }
        }
    };
}

types! {
    object;
    type_: "type" (object) = types::type_::TYPE,
    none_type: "NoneType" (object) = types::simple::NONE,
    int: "int" (object) = types::int::TYPE,
    bool: "bool" (int) = types::bool::TYPE,
    float: "float" (object) = types::float::TYPE,
    complex: "complex" (object) = types::complex::TYPE,
    str: "str" (object) = types::str::TYPE,
    bytes: "bytes" (object) = types::bytes::BYTES,
    bytearray: "bytearray" (object) = types::bytes::BYTEARRAY,
    memoryview: "memoryview" (object) = types::memoryview::TYPE,
    list: "list" (object) = types::list::TYPE,
    tuple: "tuple" (object) = types::tuple::TYPE,
    dict: "dict" (object) = types::dict::TYPE,
    set: "set" (object) = types::set::SET,
    frozenset: "frozenset" (object) = types::set::FROZENSET,
    range: "range" (object) = types::range::TYPE,
    slice: "slice" (object) = types::slice::TYPE,
    function: "function" (object) = types::function::FUNCTION,
    builtin_function: "builtin_function_or_method" (object) = types::native_function::NATIVE,
    method_descriptor: "method_descriptor" (object) = types::native_function::NATIVE,
    wrapper_descriptor: "wrapper_descriptor" (object) = types::native_function::NATIVE,
    method_wrapper: "method-wrapper" (object) = types::native_function::WRAPPER,
    method: "method" (object) = types::native_function::METHOD,
    cell: "cell" (object) = types::cell::CELL,
    code: "code" (object) = types::code::CODE,
    generator: "generator" (object) = types::coro::GENERATOR,
    coroutine: "coroutine" (object) = types::coro::COROUTINE,
    coroutine_wrapper: "coroutine_wrapper" (object) = types::coro::WRAPPER,
    async_generator: "async_generator" (object) = types::coro::ASYNC_GENERATOR,
    async_generator_asend: "async_generator_asend" (object) = types::coro::STEP,
    async_generator_athrow: "async_generator_athrow" (object) = types::coro::STEP,
    anext_awaitable: "anext_awaitable" (object) = types::coro::STEP,
    range_iterator: "range_iterator" (object) = types::iter::PLAIN,
    longrange_iterator: "longrange_iterator" (object) = types::iter::PLAIN,
    list_iterator: "list_iterator" (object) = types::iter::PLAIN,
    tuple_iterator: "tuple_iterator" (object) = types::iter::PLAIN,
    str_iterator: "str_iterator" (object) = types::iter::PLAIN,
    str_ascii_iterator: "str_ascii_iterator" (object) = types::iter::PLAIN,
    list_reverseiterator: "list_reverseiterator" (object) = types::iter::PLAIN,
    bytearray_iterator: "bytearray_iterator" (object) = types::iter::PLAIN,
    bytes_iterator: "bytes_iterator" (object) = types::iter::PLAIN,
    dict_keyiterator: "dict_keyiterator" (object) = types::iter::PLAIN,
    dict_valueiterator: "dict_valueiterator" (object) = types::iter::PLAIN,
    dict_itemiterator: "dict_itemiterator" (object) = types::iter::PLAIN,
    dict_reversekeyiterator: "dict_reversekeyiterator" (object) = types::iter::PLAIN,
    dict_reversevalueiterator: "dict_reversevalueiterator" (object) = types::iter::PLAIN,
    dict_reverseitemiterator: "dict_reverseitemiterator" (object) = types::iter::PLAIN,
    set_iterator: "set_iterator" (object) = types::iter::PLAIN,
    callable_iterator: "callable_iterator" (object) = types::iter::PLAIN,
    native_iterator: "iterator" (object) = types::iter::PLAIN,
    iterator: "iterator" (object) = types::iter::PLAIN,
    reversed: "reversed" (object) = types::iter::REVERSED,
    enumerate: "enumerate" (object) = types::iter::ENUMERATE,
    zip: "zip" (object) = types::iter::ZIP,
    map: "map" (object) = types::iter::MAP,
    filter: "filter" (object) = types::iter::FILTER,
    module: "module" (object) = types::module::TYPE,
    property: "property" (object) = types::property::TYPE,
    staticmethod: "staticmethod" (object) = types::descriptor::STATICMETHOD,
    classmethod: "classmethod" (object) = types::descriptor::CLASSMETHOD,
    super_: "super" (object) = types::descriptor::SUPER,
    member_descriptor: "member_descriptor" (object) = types::descriptor::MEMBER,
    getset_descriptor: "getset_descriptor" (object) = types::descriptor::GETSET,
    dict_keys: "dict_keys" (object) = types::view::KEYS,
    dict_values: "dict_values" (object) = types::view::VALUES,
    dict_items: "dict_items" (object) = types::view::ITEMS,
    mappingproxy: "mappingproxy" (object) = types::view::PROXY,
    traceback: "traceback" (object) = types::exception::TRACEBACK,
    ellipsis: "ellipsis" (object) = types::simple::ELLIPSIS,
    not_implemented_type: "NotImplementedType" (object) = types::simple::NOT_IMPLEMENTED,
    site: "Quitter" (object) = crate::modules::builtins::site::TYPE,
    text_file: "TextIOWrapper" (object) = crate::modules::io::TEXT,
    binary_reader: "BufferedReader" (object) = crate::modules::io::BINARY,
    binary_writer: "BufferedWriter" (object) = crate::modules::io::BINARY,
    binary_random: "BufferedRandom" (object) = crate::modules::io::BINARY,
    frame: "frame" (object) = types::frame::FRAME,
    union: "UnionType" (object) = types::union::TYPE,
    generic_alias: "GenericAlias" (object) = types::generic::ALIAS,
    future: "Future" (object) = crate::modules::asyncio::future::TYPE,
    task: "Task" (future) = crate::modules::asyncio::task::TYPE,
    base_exception: "BaseException" (object) = types::exception::BASE,
    exception: "Exception" (base_exception) = TypeDef::EXCEPTION,
    base_exception_group: "BaseExceptionGroup" (base_exception) = types::exception_group::BASE,
    generator_exit: "GeneratorExit" (base_exception) = TypeDef::EXCEPTION,
    keyboard_interrupt: "KeyboardInterrupt" (base_exception) = TypeDef::EXCEPTION,
    system_exit: "SystemExit" (base_exception) = types::exception::SYSTEM_EXIT,
    cancelled_error: "CancelledError" (base_exception) = TypeDef::EXCEPTION,
    arithmetic_error: "ArithmeticError" (exception) = TypeDef::EXCEPTION,
    floating_point_error: "FloatingPointError" (arithmetic_error) = TypeDef::EXCEPTION,
    overflow_error: "OverflowError" (arithmetic_error) = TypeDef::EXCEPTION,
    zero_division_error: "ZeroDivisionError" (arithmetic_error) = TypeDef::EXCEPTION,
    assertion_error: "AssertionError" (exception) = TypeDef::EXCEPTION,
    attribute_error: "AttributeError" (exception) = types::exception::WITH_NAME_AND_OBJ,
    buffer_error: "BufferError" (exception) = TypeDef::EXCEPTION,
    eof_error: "EOFError" (exception) = TypeDef::EXCEPTION,
    import_error: "ImportError" (exception) = types::exception::IMPORT,
    module_not_found_error: "ModuleNotFoundError" (import_error) = TypeDef::EXCEPTION,
    lookup_error: "LookupError" (exception) = TypeDef::EXCEPTION,
    index_error: "IndexError" (lookup_error) = TypeDef::EXCEPTION,
    key_error: "KeyError" (lookup_error) = types::exception::KEY_ERROR,
    memory_error: "MemoryError" (exception) = TypeDef::EXCEPTION,
    name_error: "NameError" (exception) = types::exception::WITH_NAME,
    unbound_local_error: "UnboundLocalError" (name_error) = TypeDef::EXCEPTION,
    os_error: "OSError" (exception) = types::exception::OS_ERROR,
    blocking_io_error: "BlockingIOError" (os_error) = TypeDef::EXCEPTION,
    child_process_error: "ChildProcessError" (os_error) = TypeDef::EXCEPTION,
    connection_error: "ConnectionError" (os_error) = TypeDef::EXCEPTION,
    broken_pipe_error: "BrokenPipeError" (connection_error) = TypeDef::EXCEPTION,
    connection_aborted_error: "ConnectionAbortedError" (connection_error) = TypeDef::EXCEPTION,
    connection_refused_error: "ConnectionRefusedError" (connection_error) = TypeDef::EXCEPTION,
    connection_reset_error: "ConnectionResetError" (connection_error) = TypeDef::EXCEPTION,
    file_exists_error: "FileExistsError" (os_error) = TypeDef::EXCEPTION,
    file_not_found_error: "FileNotFoundError" (os_error) = TypeDef::EXCEPTION,
    interrupted_error: "InterruptedError" (os_error) = TypeDef::EXCEPTION,
    is_a_directory_error: "IsADirectoryError" (os_error) = TypeDef::EXCEPTION,
    not_a_directory_error: "NotADirectoryError" (os_error) = TypeDef::EXCEPTION,
    permission_error: "PermissionError" (os_error) = TypeDef::EXCEPTION,
    process_lookup_error: "ProcessLookupError" (os_error) = TypeDef::EXCEPTION,
    timeout_error: "TimeoutError" (os_error) = TypeDef::EXCEPTION,
    reference_error: "ReferenceError" (exception) = TypeDef::EXCEPTION,
    runtime_error: "RuntimeError" (exception) = TypeDef::EXCEPTION,
    not_implemented_error: "NotImplementedError" (runtime_error) = TypeDef::EXCEPTION,
    recursion_error: "RecursionError" (runtime_error) = TypeDef::EXCEPTION,
    stop_async_iteration: "StopAsyncIteration" (exception) = TypeDef::EXCEPTION,
    stop_iteration: "StopIteration" (exception) = types::exception::STOP_ITERATION,
    syntax_error: "SyntaxError" (exception) = types::exception::SYNTAX_ERROR,
    indentation_error: "IndentationError" (syntax_error) = TypeDef::EXCEPTION,
    tab_error: "TabError" (indentation_error) = TypeDef::EXCEPTION,
    system_error: "SystemError" (exception) = TypeDef::EXCEPTION,
    type_error: "TypeError" (exception) = TypeDef::EXCEPTION,
    value_error: "ValueError" (exception) = TypeDef::EXCEPTION,
    unicode_error: "UnicodeError" (value_error) = TypeDef::EXCEPTION,
    unicode_decode_error: "UnicodeDecodeError" (unicode_error) = types::exception::UNICODE_DECODE,
    unicode_encode_error: "UnicodeEncodeError" (unicode_error) = types::exception::UNICODE_ENCODE,
    unicode_translate_error: "UnicodeTranslateError" (unicode_error) = types::exception::UNICODE_TRANSLATE,
    unsupported_operation: "UnsupportedOperation" (os_error) = TypeDef::EXCEPTION,
    warning: "Warning" (exception) = TypeDef::EXCEPTION,
    bytes_warning: "BytesWarning" (warning) = TypeDef::EXCEPTION,
    deprecation_warning: "DeprecationWarning" (warning) = TypeDef::EXCEPTION,
    encoding_warning: "EncodingWarning" (warning) = TypeDef::EXCEPTION,
    future_warning: "FutureWarning" (warning) = TypeDef::EXCEPTION,
    import_warning: "ImportWarning" (warning) = TypeDef::EXCEPTION,
    pending_deprecation_warning: "PendingDeprecationWarning" (warning) = TypeDef::EXCEPTION,
    resource_warning: "ResourceWarning" (warning) = TypeDef::EXCEPTION,
    runtime_warning: "RuntimeWarning" (warning) = TypeDef::EXCEPTION,
    syntax_warning: "SyntaxWarning" (warning) = TypeDef::EXCEPTION,
    unicode_warning: "UnicodeWarning" (warning) = TypeDef::EXCEPTION,
    user_warning: "UserWarning" (warning) = TypeDef::EXCEPTION,
}

/// Makes a class from its definition; its namespace is filled when it is first looked into.
pub fn make(pool: &Rc<Interner>, name: &str, base: Option<&ClassRef>, def: TypeDef) -> ClassRef {
    make_filled_by(fill, pool, name, base, def)
}

/// The same for the classes of the language, which have more in common than one definition says.
fn make_builtin(pool: &Rc<Interner>, name: &str, base: Option<&ClassRef>, def: TypeDef) -> ClassRef {
    let fill_all: Fill = |pool, class, def| {
        fill(pool, class, def);
        fill_more(pool, class);
    };
    make_filled_by(fill_all, pool, name, base, def)
}

/// What puts a definition's attributes into a class's namespace.
type Fill = fn(&Interner, &ClassRef, &TypeDef);

fn make_filled_by(fill: Fill, pool: &Rc<Interner>, name: &str, base: Option<&ClassRef>, def: TypeDef) -> ClassRef {
    let class = make_empty(name, base, &def);
    let (this, pool) = (Rc::downgrade(class.obj()), pool.clone());
    class.fill_later(Box::new(move || {
        if let Some(class) = this.upgrade().and_then(|o| ClassRef::from_obj(&o)) {
            fill(&pool, &class, &def);
        }
    }));
    class
}

fn make_empty(name: &str, base: Option<&ClassRef>, def: &TypeDef) -> ClassRef {
    let bases: Vec<ClassRef> = base.cloned().into_iter().collect();
    let mro = base.map(ClassRef::mro_with_self).unwrap_or_default();
    let mut class = Class::new(name, bases, mro, Obj::dict(Dict::new()), def.solid);
    class.construct = def.construct;
    class.flags = Cell::new(def.flags | flag::IMMUTABLE);
    let class = ClassRef::new(class);
    if let Some(b) = base {
        b.subclasses.borrow_mut().push(Rc::downgrade(class.obj()));
    }
    class
}

/// Puts what a definition says into a class's namespace.
fn fill(pool: &Interner, class: &ClassRef, def: &TypeDef) {
    add_methods(pool, class, def.methods);
    let Some(dict) = class.dict().as_dict() else { return };
    let mut dict = dict.borrow_mut();
    for getset in def.getsets {
        dict.set_name(&pool.intern(getset.name), Obj::new(Kind::GetSet { def: getset, class: class.clone() }).into());
    }
    if !def.getsets.iter().any(|g| g.name == "__doc__") {
        let doc = if def.doc.is_empty() { Value::None } else { def.doc.into() };
        dict.set_name(&pool.intern("__doc__"), doc);
    }
}

/// Built-in classes that can be subscripted: `list[int]`.
const GENERIC: &[&str] = &["list", "tuple", "dict", "set", "frozenset", "enumerate", "Future", "Task", "BaseExceptionGroup", "mappingproxy", "async_generator"];
/// Built-in classes whose instances have no hash.
const UNHASHABLE: &[&str] = &["list", "dict", "set", "bytearray", "slice"];
/// Files from which bytes can be read: the methods of binary files are theirs besides what their definition says.
const READERS: &[&str] = &["BufferedReader", "BufferedRandom"];
/// The modules of the classes of the language that are not in `builtins`.
const HOMES: &[(&str, &str)] = &[
    ("UnionType", "types"),
    ("GenericAlias", "types"),
    ("CancelledError", "asyncio.exceptions"),
    ("Future", "_asyncio"),
    ("Task", "_asyncio"),
    ("Quitter", "_sitebuiltins"),
    ("TextIOWrapper", "_io"),
    ("BufferedReader", "_io"),
    ("BufferedWriter", "_io"),
    ("BufferedRandom", "_io"),
    ("UnsupportedOperation", "io"),
];

fn fill_more(pool: &Interner, class: &ClassRef) {
    let name = class.name();
    if GENERIC.contains(&&*name) {
        add_methods(pool, class, types::generic::CLASS_GETITEM);
    }
    if READERS.contains(&&*name) {
        add_methods(pool, class, crate::modules::io::binary::METHODS);
    }
    let Some(dict) = class.dict().as_dict() else { return };
    if UNHASHABLE.contains(&&*name) {
        dict.borrow_mut().set_name(&pool.intern("__hash__"), Value::None);
    }
    if let Some((_, module)) = HOMES.iter().find(|(n, _)| *n == &*name) {
        dict.borrow_mut().set_name(&pool.intern("__module__"), (*module).into());
    }
}

/// `ExceptionGroup`, the one built-in class with two bases.
fn make_exception_group(pool: &Rc<Interner>, group: &ClassRef, exception: &ClassRef) -> ClassRef {
    let class = make_builtin(pool, "ExceptionGroup", Some(group), TypeDef::EXCEPTION);
    class.bases.borrow_mut().push(exception.clone());
    let mut order = vec![group.clone()];
    order.extend(exception.mro_with_self());
    class.mro.replace(order.into());
    exception.subclasses.borrow_mut().push(Rc::downgrade(class.obj()));
    class
}

/// Puts a table of methods into a class: methods, class methods (`cls`), static methods (neither).
pub fn add_methods(pool: &Interner, class: &ClassRef, methods: &'static [Builtin]) {
    let Some(dict) = class.dict().as_dict() else { return };
    dict.borrow_mut().reserve(methods.len());
    for def in methods {
        let is_new = def.name == "__new__";
        let owner = if def.shape.method { Some(class.clone()) } else { None };
        let native = Value::Obj(Obj::new(Kind::NativeFn(NativeFn { def, owner, module: "" })));
        let value = if def.shape.class_method && !is_new {
            Obj::new(Kind::ClassMethod(native)).into()
        } else if def.shape.method || is_new {
            native
        } else {
            Obj::new(Kind::StaticMethod(native)).into()
        };
        let name = pool.intern(def.name);
        dict.borrow_mut().set_name(&name, value);
    }
}

/// Makes the built-in classes and the namespace of `builtins` with those that scripts see.
pub fn bootstrap(pool: &Rc<Interner>) -> (Types, Ref) {
    let types = Types::build(pool);
    types.unsupported_operation.bases.borrow_mut().push(types.value_error.clone());
    let mut order = vec![types.os_error.clone()];
    order.extend(types.value_error.mro_with_self());
    types.unsupported_operation.mro.replace(order.into());
    let mut dict = Dict::with_capacity(200);
    for class in types.all() {
        let name = class.name();
        if is_public(&name) {
            dict.set_name(&pool.intern(&name), class.into());
        }
    }
    dict.set_name(&Obj::str("EnvironmentError"), (&types.os_error).into());
    dict.set_name(&Obj::str("IOError"), (&types.os_error).into());
    (types, Obj::dict(dict))
}

/// Whether a built-in class is a name of `builtins`.
fn is_public(name: &str) -> bool {
    const HIDDEN: &[&str] = &[
        "CancelledError",
        "Future",
        "Task",
        "NoneType",
        "NotImplementedType",
        "UnionType",
        "GenericAlias",
        "Quitter",
        "TextIOWrapper",
        "BufferedReader",
        "BufferedWriter",
        "BufferedRandom",
        "UnsupportedOperation",
    ];
    const TYPES: &[&str] = &[
        "object",
        "type",
        "int",
        "bool",
        "float",
        "complex",
        "str",
        "bytes",
        "bytearray",
        "memoryview",
        "list",
        "tuple",
        "dict",
        "set",
        "frozenset",
        "range",
        "slice",
        "reversed",
        "enumerate",
        "zip",
        "map",
        "filter",
        "property",
        "staticmethod",
        "classmethod",
        "super",
    ];
    TYPES.contains(&name) || (name.starts_with(char::is_uppercase) && !HIDDEN.contains(&name))
}
