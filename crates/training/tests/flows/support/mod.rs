//! A world with people in it: what is shared ([`world`]), and one person's chat ([`chat`]).

pub(crate) mod chat;
pub(crate) mod plain;
pub(crate) mod world;

pub(crate) use chat::Chat;
pub(crate) use world::World;
