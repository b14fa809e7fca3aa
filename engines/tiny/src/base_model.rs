//! The base model that ships with the crate.

use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::file;
use crate::model::Tensors;

/// Made by the example `train_base`, as docs/tiny.md says.
static SHIPPED: &[u8] = include_bytes!("../model/base.safetensors");

/// The frozen weights that a LoRA is trained on: about 9 MB of memory.
pub struct BaseModel {
    pub(crate) tensors: Tensors,
    digest: String,
}

impl BaseModel {
    /// Its name in files and on screens.
    pub const NAME: &'static str = "Lorikeet built-in demonstration model";

    /// The model that ships with the crate, unpacked.
    ///
    /// # Errors
    ///
    /// When memory is short.
    pub fn shipped() -> Result<Self, Error> {
        Self::read(SHIPPED)
    }

    /// A model from the bytes of its file.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when they are not a base model of this crate's shape.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        Ok(Self {
            tensors: file::read_base(bytes)?,
            digest: hex::encode(Sha256::digest(bytes)),
        })
    }

    /// SHA-256 of the file, in lower-case hex.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}
