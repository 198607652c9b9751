//! The host's files and what else the process knows: all access to the file system goes through here.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::host::Host;

/// How a file is opened.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct OpenMode {
    pub read: bool,
    pub write: bool,
    pub append: bool,
    pub truncate: bool,
    pub create_new: bool,
}

impl Host {
    /// Opens a file; folders are refused.
    pub fn open_file(&self, path: &Path, mode: OpenMode) -> io::Result<File> {
        let create = (mode.truncate || mode.append) && !mode.create_new;
        let file = OpenOptions::new()
            .read(mode.read)
            .write(mode.write)
            .append(mode.append)
            .truncate(mode.truncate)
            .create(create)
            .create_new(mode.create_new)
            .open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::from_raw_os_error(21));
        }
        Ok(file)
    }

    /// The bytes of a whole file.
    pub fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    /// Whether there is a file.
    pub fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    /// Whether there is a folder.
    pub fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    /// The path of this program.
    pub fn executable(&self) -> String {
        std::env::current_exe().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
    }
}
