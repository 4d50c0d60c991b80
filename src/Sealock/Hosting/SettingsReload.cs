// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Files;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Metrics;
using Sealock.Settings;

namespace Sealock.Hosting;

/// <summary>
/// Reads the configuration file again when it changes, and hands over what can change while the server runs. A file with a
/// mistake in it changes nothing.
/// </summary>
internal sealed partial class SettingsReload : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(20);

    private readonly SettingsOrigin _origin;
    private readonly Action<TrafficPolicy> _changed;
    private readonly ILogger _log;
    private readonly ReloadCount? _reloads;
    private readonly WatchedFiles _watch;

    /// <summary>Begins to watch; <paramref name="changed"/> is called from one thread at a time.</summary>
    public SettingsReload(SettingsOrigin origin, Action<TrafficPolicy> changed, TimeProvider clock, ILogger log, ReloadCount? reloads = null)
    {
        _reloads = reloads;
        _origin = origin;
        _changed = changed;
        _log = log;
        _watch = new WatchedFiles([origin.File], clock, LookEvery, Reload);
        _watch.Start();
        // The file may have changed since it was read.
        if (TryRead() is { Origin: { } now } && !Same(origin.Given, now.Given))
            Reload();
    }

    /// <summary>Looks at the file now.</summary>
    public void Check() => _watch.Check();

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    /// <summary>The settings whose values differ and that are read at the start only, as a user writes them.</summary>
    internal static IEnumerable<string> WaitingForStart(
        IReadOnlyDictionary<string, List<string>> started, IReadOnlyDictionary<string, List<string>> now) =>
        Differing(started, now).Where(setting => !setting.Live).Select(setting => setting.Key);

    private static bool Same(IReadOnlyDictionary<string, List<string>> some, IReadOnlyDictionary<string, List<string>> others) =>
        !Differing(some, others).Any();

    private static IEnumerable<Setting> Differing(
        IReadOnlyDictionary<string, List<string>> some, IReadOnlyDictionary<string, List<string>> others) =>
        ServerSettingTable.All.Where(setting =>
            !(some.GetValueOrDefault(setting.Name) ?? []).SequenceEqual(others.GetValueOrDefault(setting.Name) ?? []));

    private ServerSettings? TryRead()
    {
        try
        {
            return _origin.ReadAgain();
        }
        catch (CommandException error)
        {
            _reloads?.Note(taken: false);
            LogKept(_origin.File, error.Message);
            return null;
        }
    }

    private void Reload()
    {
        if (TryRead() is not { } settings)
            return;
        _changed(settings.Traffic);
        _reloads?.Note(taken: true);
        LogReloaded(_origin.File);
        var waiting = string.Join(", ", WaitingForStart(_origin.Given, settings.Origin?.Given ?? _origin.Given));
        if (waiting.Length > 0)
            LogWaiting(_origin.File, waiting);
    }

    [LoggerMessage(LogLevel.Information, "{File} has changed, and its limits and address rules hold from now on")]
    private partial void LogReloaded(string file);

    [LoggerMessage(LogLevel.Warning, "{File} has changed and cannot be used, so everything stays as it was: {Why}")]
    private partial void LogKept(string file, string why);

    [LoggerMessage(LogLevel.Warning, "{File}: these settings are read at the start only, restart to have them take effect: {Settings}")]
    private partial void LogWaiting(string file, string settings);
}
