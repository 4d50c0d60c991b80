// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage.Sqlite;

/// <summary>A data folder that this process alone has open; the lock goes with the process, however it ends.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "store.lock";

    private readonly FileStream lockFile;

    private DataFolder(string path, FileStream lockFile)
    {
        Path = path;
        this.lockFile = lockFile;
    }

    public string Path { get; }

    public string DatabasePath => System.IO.Path.Combine(Path, SqliteStore.FileName);

    /// <summary>Takes the folder, and creates what is missing in it.</summary>
    /// <exception cref="StoreOpenException">Another process has it, or it cannot be used.</exception>
    public static DataFolder Take(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            DurableFile.CreateFolder(path);
            var folder = new DataFolder(path, Lock(System.IO.Path.Combine(path, LockName)));
            try
            {
                folder.PrepareDatabaseFile();
                return folder;
            }
            catch
            {
                folder.Dispose();
                throw;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StoreOpenException(
                $"the data folder {path} cannot be used ({fault.Message}): check its owner, mode and free space", fault);
        }
    }

    public void Dispose() => lockFile.Dispose();

    private static FileStream Lock(string path)
    {
        if (!File.Exists(path))
            CreateLockFile(path);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault) when (fault is not FileNotFoundException)
        {
            throw new StoreOpenException(
                $"the data folder {System.IO.Path.GetDirectoryName(path)} is in use by another process: "
                + "stop that one, or name another folder for this one",
                fault);
        }
    }

    private static void CreateLockFile(string path)
    {
        try
        {
            DurableFile.CreateEmpty(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process created it at the same moment; who has it is decided by the lock itself.
        }
    }

    private void PrepareDatabaseFile()
    {
        if (File.Exists(DatabasePath))
        {
            DurableFile.Restrict(DatabasePath);
            return;
        }
        DurableFile.CreateEmpty(DatabasePath);
        DurableFile.SyncFolder(Path);
    }
}
