// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Sealock.Gateway.Files;

/// <summary>
/// Tells when the content of some files has changed. Directories are watched for speed, and the files are read again
/// at an interval as well: a notification is lost where a volume is swapped by symbolic link, or mounted over the
/// network.
/// </summary>
public sealed class WatchedFiles : IDisposable
{
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private readonly ImmutableArray<string> _paths;
    private readonly TimeSpan _interval;
    private readonly Action _changed;
    private readonly Lock _gate = new();
    private readonly ITimer _poll;
    private readonly ITimer _settle;
    private readonly List<FileSystemWatcher> _watchers = [];
    private byte[] _seen;

    /// <summary>
    /// Notes how the files are now. <paramref name="changed"/> is called from one thread at a time and must not throw.
    /// </summary>
    public WatchedFiles(IEnumerable<string> paths, TimeProvider clock, TimeSpan interval, Action changed)
    {
        _paths = [.. paths.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)];
        _changed = changed;
        _interval = interval;
        _seen = Fingerprint();
        _poll = clock.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _settle = clock.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts watching: what has changed since the object was made is reported too.</summary>
    public void Start()
    {
        _poll.Change(_interval, _interval);
        foreach (var directory in _paths.GroupBy(path => Path.GetDirectoryName(path)!, StringComparer.Ordinal))
            Watch(directory.Key, directory.Select(path => Path.GetFileName(path)).ToHashSet(StringComparer.Ordinal));
        Check();
    }

    /// <summary>Reads the files now, and reports a change at once.</summary>
    public void Check()
    {
        lock (_gate)
        {
            var now = Fingerprint();
            if (now.AsSpan().SequenceEqual(_seen))
                return;
            _seen = now;
            _changed();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var watcher in _watchers)
            watcher.Dispose();
        _poll.Dispose();
        _settle.Dispose();
    }

    /// <summary>
    /// Whether something that happened in a directory may have changed one of the files in it. What is written into another
    /// file has not: a log that grows there would put off for ever what waits for the directory to be quiet. Another name that
    /// comes up may be that of a folder which the files are linked into.
    /// </summary>
    internal static bool MayConcern(WatcherChangeTypes change, string? name, IReadOnlySet<string> files) =>
        change != WatcherChangeTypes.Changed || name is null || files.Contains(name);

    private void Watch(string directory, IReadOnlySet<string> files)
    {
        try
        {
            var watcher = new FileSystemWatcher(directory);
            // Files written one after the other are one change: wait until the directory has been quiet for a moment.
            void OnEvent(object sender, FileSystemEventArgs args)
            {
                if (MayConcern(args.ChangeType, args.Name, files))
                    _settle.Change(Settling, Timeout.InfiniteTimeSpan);
            }

            watcher.Changed += OnEvent;
            watcher.Created += OnEvent;
            watcher.Renamed += OnEvent;
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // No such directory, or no inotify watches left: reading at the interval remains.
        }
    }

    private byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in _paths)
        {
            try
            {
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                hash.AppendData([0]);
            }
        }

        return hash.GetHashAndReset();
    }
}
