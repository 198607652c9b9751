//! `hashlib`: hash objects over the digests of RustCrypto. `hashlib.co` holds the functions that scripts call.

use std::cell::RefCell;

use sha2::Digest;

use super::functions;
use crate::types::bytes::bytes_of;
use crate::value::class::{Solid, flag};
use crate::value::func::{Builtin, GetSet};
use crate::value::obj::Native;
use crate::value::{ClassRef, Obj, R, Value};
use crate::vm::Vm;
use crate::vm::types::{TypeDef, make};

macro_rules! algorithms {
    ($($variant:ident($digest:ty) $name:literal $block:literal),* $(,)?) => {
        /// A digest under way.
        #[derive(Clone)]
        enum State { $($variant(Box<$digest>)),* }

        impl State {
            fn new(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant(Box::default())),)* _ => None }
            }

            fn update(&mut self, data: &[u8]) {
                match self { $(Self::$variant(d) => d.update(data)),* }
            }

            fn digest(&self) -> Vec<u8> {
                match self { $(Self::$variant(d) => d.clone().finalize().to_vec()),* }
            }

            fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name),* }
            }

            fn block_size(&self) -> i64 {
                match self { $(Self::$variant(_) => $block),* }
            }
        }
    };
}

algorithms! {
    Md5(md5::Md5) "md5" 64, Sha1(sha1::Sha1) "sha1" 64, Sha224(sha2::Sha224) "sha224" 64, Sha256(sha2::Sha256) "sha256" 64,
    Sha384(sha2::Sha384) "sha384" 128, Sha512(sha2::Sha512) "sha512" 128,
    Sha3224(sha3::Sha3_224) "sha3_224" 144, Sha3256(sha3::Sha3_256) "sha3_256" 136, Sha3384(sha3::Sha3_384) "sha3_384" 104,
    Sha3512(sha3::Sha3_512) "sha3_512" 72, Blake2b(blake2::Blake2b512) "blake2b" 128, Blake2s(blake2::Blake2s256) "blake2s" 64,
}

/// A hash object.
struct Hash {
    class: ClassRef,
    state: RefCell<State>,
}

impl Native for Hash {
    fn class<'a>(&'a self, _: &'a Vm) -> &'a ClassRef {
        &self.class
    }

    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&(&self.class).into());
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

fn this(v: &Value) -> &Hash {
    match v.native().obj().and_then(|o| o.downcast()) {
        Some(hash) => hash,
        None => unreachable!("the receiver of a hash's method is one"),
    }
}

/// The names that are there when the module's text runs.
pub fn natives(vm: &mut Vm) -> Vec<(&'static str, Value)> {
    let mut names = functions(FUNCTIONS, "hashlib");
    for (name, shown, module) in [("_HASH", "HASH", "_hashlib"), ("_Blake2b", "blake2b", "_blake2"), ("_Blake2s", "blake2s", "_blake2")] {
        let class = make(&vm.interner, shown, Some(&vm.types.object), HASH);
        if let Some(d) = class.dict().as_dict() {
            d.borrow_mut().set_name(&vm.names.module, module.into());
        }
        names.push((name, class.into()));
    }
    names
}

/// `_start(class, name)`: a hash object that has seen nothing; `None` if there is no such algorithm.
fn start(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    match (a[0].to_class(), a[1].as_str().and_then(State::new)) {
        (Some(class), Some(state)) => Ok(Obj::native(Hash { class, state: RefCell::new(state) }).into()),
        _ => Ok(Value::None),
    }
}

fn update(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let Some(data) = bytes_of(&a[1]) else {
        let text = if a[1].as_str().is_some() { "Strings must be encoded before hashing" } else { "object supporting the buffer API required" };
        return Err(vm.type_error(text));
    };
    this(&a[0]).state.borrow_mut().update(&data);
    Ok(Value::None)
}

fn digest_of(v: &Value) -> Vec<u8> {
    this(v).state.borrow().digest()
}

fn digest(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    Ok(Obj::bytes(digest_of(&a[0])).into())
}

fn hexdigest(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let digit = |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0');
    Ok(digest_of(&a[0]).iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect::<String>().into())
}

fn copy(_: &mut Vm, a: &mut [Value], _: usize) -> R {
    let hash = this(&a[0]);
    Ok(Obj::native(Hash { class: hash.class.clone(), state: hash.state.clone() }).into())
}

fn repr(vm: &mut Vm, a: &mut [Value], _: usize) -> R {
    let hash = this(&a[0]);
    let (name, class) = (hash.state.borrow().name(), crate::types::object::class_label(vm, &hash.class));
    let address = crate::types::object::address(&a[0]);
    Ok(if class == "_hashlib.HASH" { format!("<{name} {class} object @ {address}>") } else { format!("<{class} object at {address}>") }.into())
}

const FUNCTIONS: &[Builtin] = &[Builtin::new("_start", "(class_, name, /)", start, "")];

const HASH: TypeDef = TypeDef {
    methods: &[
        Builtin::new("update", "(self, obj, /)", update, "Update this hash object's state with the provided string."),
        Builtin::new("digest", "(self, /)", digest, "Return the digest value as a bytes object."),
        Builtin::new("hexdigest", "(self, /)", hexdigest, "Return the digest value as a string of hexadecimal digits."),
        Builtin::new("copy", "(self, /)", copy, "Return a copy of the hash object."),
        Builtin::new("__repr__", "(self, /)", repr, "Return repr(self)."),
    ],
    getsets: &[
        GetSet { name: "name", get: |_, v| Ok(this(v).state.borrow().name().into()), set: None },
        GetSet { name: "digest_size", get: |_, v| Ok(digest_of(v).len().into()), set: None },
        GetSet { name: "block_size", get: |_, v| Ok(Value::Int(this(v).state.borrow().block_size())), set: None },
    ],
    construct: None,
    solid: Solid::Builtin,
    flags: flag::NO_NEW | flag::FINAL,
    doc: "",
};
