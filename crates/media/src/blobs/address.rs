//! What the address of a store may be.

use std::path::PathBuf;

use url::Url;

use super::OpenError;

/// Where blobs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    Directory(PathBuf),
    /// An address with the scheme `s3`.
    S3(Url),
}

impl Address {
    pub(super) fn parse(address: &str) -> Result<Self, OpenError> {
        let invalid = || OpenError::InvalidAddress {
            address: address.to_owned(),
        };
        let Some((scheme, _)) = address.split_once("://") else {
            return if address.is_empty() {
                Err(invalid())
            } else {
                Ok(Self::Directory(PathBuf::from(address)))
            };
        };
        match scheme {
            "file" => {
                let path = Url::parse(address).ok();
                let path = path.and_then(|url| url.to_file_path().ok());
                path.map(Self::Directory).ok_or_else(invalid)
            }
            // Not the address itself: somebody may have put a key into it.
            "s3" => Url::parse(address)
                .map(Self::S3)
                .map_err(|error| OpenError::S3Address {
                    reason: error.to_string(),
                }),
            _ => Err(OpenError::UnsupportedScheme {
                scheme: scheme.to_owned(),
            }),
        }
    }

    /// The same with a folder below, or under the prefix.
    pub(super) fn below(self, folder: &str) -> Self {
        match self {
            Self::Directory(path) => Self::Directory(path.join(folder)),
            Self::S3(mut url) => {
                let path = format!("{}/{folder}", url.path().trim_end_matches('/'));
                url.set_path(&path);
                Self::S3(url)
            }
        }
    }
}
