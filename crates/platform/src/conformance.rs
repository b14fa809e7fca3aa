//! The suite every adapter passes. Owned by the runtime work; see there.
