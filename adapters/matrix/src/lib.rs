//! The adapter of Matrix.
