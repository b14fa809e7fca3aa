//! The suite every [`Repository`](crate::Repository) passes.
