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

/// What the system says of a file; times in nanoseconds since 1970.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct FileInfo {
    pub mode: i64,
    pub inode: i64,
    pub device: i64,
    pub links: i64,
    pub user: i64,
    pub group: i64,
    pub size: i64,
    pub times: [i64; 3],
}

/// Files and folders by their paths.
impl Host {
    /// What the system says of a file, or of the link itself.
    pub fn file_info(&self, path: &Path, follow: bool) -> io::Result<FileInfo> {
        let data = if follow { std::fs::metadata(path)? } else { std::fs::symlink_metadata(path)? };
        Ok(info_of(&data))
    }

    /// The names in a folder.
    pub fn folder_names(&self, path: &Path) -> io::Result<Vec<String>> {
        std::fs::read_dir(path)?.map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned())).collect()
    }

    /// Makes a folder.
    pub fn make_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
    }

    /// Removes an empty folder.
    pub fn remove_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }

    /// Removes a file.
    pub fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    /// Renames a file or folder.
    pub fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    /// What a link leads to.
    pub fn read_link(&self, path: &Path) -> io::Result<String> {
        std::fs::read_link(path).map(|p| p.to_string_lossy().into_owned())
    }

    /// Makes a link.
    #[cfg(unix)]
    pub fn make_link(&self, to: &Path, path: &Path) -> io::Result<()> {
        std::os::unix::fs::symlink(to, path)
    }

    /// Makes a link, which this system has no single kind of.
    #[cfg(not(unix))]
    pub fn make_link(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The folder from which relative paths lead.
    pub fn current_folder(&self) -> io::Result<String> {
        std::env::current_dir().map(|p| p.to_string_lossy().into_owned())
    }

    /// Changes the folder from which relative paths lead.
    pub fn change_folder(&self, path: &Path) -> io::Result<()> {
        std::env::set_current_dir(path)
    }

    /// Sets the times of access and change of a file, in nanoseconds since 1970.
    pub fn set_file_times(&self, path: &Path, accessed: i64, modified: i64) -> io::Result<()> {
        let time = |ns: i64| std::time::UNIX_EPOCH + std::time::Duration::from_nanos(u64::try_from(ns).unwrap_or(0));
        let times = std::fs::FileTimes::new().set_accessed(time(accessed)).set_modified(time(modified));
        OpenOptions::new().read(true).open(path)?.set_times(times)
    }

    /// The environment's variables.
    pub fn environment(&self) -> Vec<(String, String)> {
        std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())).collect()
    }

    /// The number of this process; always the same on the virtual clock.
    pub fn process_id(&self) -> i64 {
        if self.clock.is_virtual() { 1000 } else { i64::from(std::process::id()) }
    }

    /// Ends the process at once; nothing of the script runs any more.
    pub fn end_process(&mut self, status: i32) -> ! {
        self.flush_out();
        std::process::exit(status)
    }

    /// How many processors there are, if the system tells.
    pub fn processors(&self) -> Option<usize> {
        std::thread::available_parallelism().ok().map(std::num::NonZero::get)
    }

    /// Columns and lines of the terminal, if standard output is one.
    pub fn terminal_size(&self) -> Option<(u16, u16)> {
        terminal_size::terminal_size_of(io::stdout()).map(|(w, h)| (w.0, h.0))
    }
}

#[cfg(unix)]
fn info_of(data: &std::fs::Metadata) -> FileInfo {
    use std::os::unix::fs::MetadataExt;
    let ns = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    FileInfo {
        mode: i64::from(data.mode()),
        inode: data.ino() as i64,
        device: data.dev() as i64,
        links: data.nlink() as i64,
        user: i64::from(data.uid()),
        group: i64::from(data.gid()),
        size: data.size() as i64,
        times: [ns(data.atime(), data.atime_nsec()), ns(data.mtime(), data.mtime_nsec()), ns(data.ctime(), data.ctime_nsec())],
    }
}

#[cfg(not(unix))]
fn info_of(data: &std::fs::Metadata) -> FileInfo {
    let time = |t: io::Result<std::time::SystemTime>| {
        t.ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok()).map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(0))
    };
    let mode = if data.is_dir() { 0o040_777 } else { 0o100_666 };
    FileInfo { mode, links: 1, size: data.len() as i64, times: [time(data.accessed()), time(data.modified()), time(data.created())], ..FileInfo::default() }
}
