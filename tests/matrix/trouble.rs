//! Things that break.
