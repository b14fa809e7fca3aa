//! The Lorikeet binary.
fn main() {}
