//! The signing key and its file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    RsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
    rand_core::OsRng,
    traits::PublicKeyParts,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const BITS: usize = 2048;

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read, made or guarded.
    #[error("cannot use the key file {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No key could be made.
    #[error("cannot make an RSA key")]
    Generate(#[source] rsa::Error),
    /// The file holds no RSA key in PKCS#8 PEM.
    #[error("no RSA private key in PKCS#8 PEM")]
    Pem(#[source] rsa::pkcs8::Error),
    /// A key that cannot sign.
    #[error("the key cannot sign tokens")]
    Unusable(#[source] jsonwebtoken::errors::Error),
}

pub(super) struct SigningKey {
    /// PKCS#8.
    pub(super) pem: String,
    /// Base64url, as in a JWK.
    pub(super) modulus: String,
    /// Base64url, as in a JWK.
    pub(super) exponent: String,
    /// RFC 7638, SHA-256.
    pub(super) thumbprint: String,
}

impl SigningKey {
    pub(super) fn open(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), source };
        if !path.try_exists().map_err(failed)? {
            let key = RsaPrivateKey::new(&mut OsRng, BITS).map_err(KeyError::Generate)?;
            let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(KeyError::Pem)?;
            publish(path, pem.as_bytes()).map_err(failed)?;
        }
        guard(path).map_err(failed)?;
        Self::parse(fs::read_to_string(path).map_err(failed)?)
    }

    fn parse(pem: String) -> Result<Self, KeyError> {
        let key = RsaPrivateKey::from_pkcs8_pem(&pem).map_err(KeyError::Pem)?;
        let modulus = URL_SAFE_NO_PAD.encode(key.n().to_bytes_be());
        let exponent = URL_SAFE_NO_PAD.encode(key.e().to_bytes_be());
        // RFC 7638: the required members only, in lexicographic order, without white space.
        let canonical = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical));
        Ok(Self { pem, modulus, exponent, thumbprint })
    }
}

/// Puts a complete file at `path`, unless another process was first: a link is made at once or not at all.
fn publish(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", Uuid::new_v4().simple()));
    let published = write_private(&draft, content).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    let removed = match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    published.and(removed)
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A key that was copied or restored may have become readable by others.
#[cfg(unix)]
fn guard(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 { Ok(()) } else { fs::set_permissions(path, fs::Permissions::from_mode(0o600)) }
}

#[cfg(not(unix))]
fn guard(_: &Path) -> io::Result<()> {
    Ok(())
}
