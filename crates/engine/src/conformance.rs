//! The suite every [`Engine`](crate::Engine) passes.
