//! Where the files of templates are kept: each content once per tenant, under its hash, and one
//! manifest per published revision, so that what a project pinned can always be fetched.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use skafu_domain::Violation;
use skafu_domain::template::FileInput;
use skafu_events::Tenant;
use skafu_events::template::{FileMode, TemplateFile};
use skafu_forge::blobs::{BlobError, BlobStore};
use skafu_forge::source::{SourceFile, check_link, check_path};

/// What can go wrong between a template's record and its content.
#[derive(Debug, thiserror::Error)]
pub enum TemplateFilesError {
    /// The blobs failed.
    #[error("the template's files cannot be reached")]
    Blobs(#[from] BlobError),
    /// A content or a manifest that must be there is not.
    #[error("the template's files are incomplete: {0} is missing")]
    Missing(String),
    /// A manifest cannot be read or written.
    #[error("the template's manifest cannot be read")]
    Manifest(#[from] serde_json::Error),
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file_key(tenant: &Tenant, sha256: &str) -> String {
    format!("{tenant}/files/{sha256}")
}

fn manifest_key(tenant: &Tenant, revision: &str) -> String {
    format!("{tenant}/manifests/{revision}.json")
}

/// Reads uploaded files, and says everything that is wrong with them at once.
pub fn read_inputs(inputs: &[FileInput]) -> Result<Vec<SourceFile>, Vec<Violation>> {
    let mut violations = Vec::new();
    let mut files: Vec<SourceFile> = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let at = format!("/data/files/{index}");
        if let Err(problem) = check_path(&input.path) {
            violations.push(Violation::new(format!("{at}/path"), "INVALID_FILE_PATH", problem.to_string()));
        } else if files.iter().any(|file| file.path == input.path) {
            violations.push(Violation::new(format!("{at}/path"), "unique", "is there twice"));
        }
        match read_content(input) {
            Ok((mode, content)) => files.push(SourceFile { path: input.path.clone(), mode, content }),
            Err((field, code, message)) => {
                violations.push(Violation::new(format!("{at}{field}"), code, message))
            }
        }
    }
    if violations.is_empty() { Ok(files) } else { Err(violations) }
}

type Wrong = (&'static str, &'static str, String);

fn read_content(input: &FileInput) -> Result<(FileMode, Vec<u8>), Wrong> {
    let mode = if input.executable { FileMode::Executable } else { FileMode::Regular };
    match (&input.text, &input.base64, &input.symlink) {
        (Some(text), None, None) => Ok((mode, text.clone().into_bytes())),
        (None, Some(encoded), None) => match STANDARD.decode(encoded) {
            Ok(content) => Ok((mode, content)),
            Err(_) => Err(("/base64", "format", "is not base64".to_owned())),
        },
        (None, None, Some(target)) => match check_link(&input.path, target.as_bytes()) {
            Ok(()) => Ok((FileMode::Symlink, target.clone().into_bytes())),
            Err(problem) => Err(("/symlink", "INVALID_FILE_PATH", problem.to_string())),
        },
        _ => Err(("", "content", "must have exactly one of text, base64 and symlink".to_owned())),
    }
}

/// Keeps the contents, and says where: what the event is to record.
pub async fn keep(
    blobs: &dyn BlobStore,
    tenant: &Tenant,
    files: Vec<SourceFile>,
) -> Result<Vec<TemplateFile>, TemplateFilesError> {
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        let sha256 = sha256(&file.content);
        let size = file.content.len() as u64;
        blobs.put(&file_key(tenant, &sha256), file.content).await?;
        kept.push(TemplateFile { path: file.path, sha256, size, mode: file.mode });
    }
    Ok(kept)
}

/// Fetches the contents of these files.
pub async fn fetch(
    blobs: &dyn BlobStore,
    tenant: &Tenant,
    files: &[TemplateFile],
) -> Result<Vec<SourceFile>, TemplateFilesError> {
    let mut fetched = Vec::new();
    for file in files {
        let content = blobs.get(&file_key(tenant, &file.sha256)).await?;
        let content = content.ok_or_else(|| TemplateFilesError::Missing(file.path.clone()))?;
        fetched.push(SourceFile { path: file.path.clone(), mode: file.mode, content });
    }
    Ok(fetched)
}

/// Keeps which files a revision consists of.
pub async fn keep_manifest(
    blobs: &dyn BlobStore,
    tenant: &Tenant,
    revision: &str,
    files: &[TemplateFile],
) -> Result<(), TemplateFilesError> {
    Ok(blobs.put(&manifest_key(tenant, revision), serde_json::to_vec(files)?).await?)
}

/// Fetches the files of a published revision.
pub async fn fetch_revision(
    blobs: &dyn BlobStore,
    tenant: &Tenant,
    revision: &str,
) -> Result<Vec<SourceFile>, TemplateFilesError> {
    let manifest = blobs.get(&manifest_key(tenant, revision)).await?;
    let manifest = manifest.ok_or_else(|| TemplateFilesError::Missing(format!("revision {revision}")))?;
    let files: Vec<TemplateFile> = serde_json::from_slice(&manifest)?;
    fetch(blobs, tenant, &files).await
}
