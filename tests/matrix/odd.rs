//! What people do that nobody expects.
