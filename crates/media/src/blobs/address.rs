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
        let url = || Url::parse(address).map_err(|_| invalid());
        match scheme {
            "file" => {
                let path = url()?.to_file_path();
                path.map(Self::Directory).map_err(|()| invalid())
            }
            "s3" => url().map(Self::S3),
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
