//! stub
use crate::value::Value;
pub fn make(_origin: &Value, _args: &Value) -> Value { Value::None }
