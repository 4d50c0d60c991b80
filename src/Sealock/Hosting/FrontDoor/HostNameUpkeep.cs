// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Microsoft.Extensions.Logging;
using Sealock.Gateway;
using Sealock.Gateway.Setup;
using Sealock.Pki.Files;
using Sealock.Settings;

namespace Sealock.Hosting.FrontDoor;

/// <summary>
/// Has served what the set-up says: any name before it, the host name after it, and the names before a move until their
/// time is over. Keeps the one-time secret in the data folder until it is of no use any more.
/// </summary>
internal sealed partial class HostNameUpkeep : IDisposable
{
    // Timers do not run for months.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly ServerSettings _settings;
    private readonly ServingCertificates _serving;
    private readonly SetupState _state;
    private readonly GatewayServer _gateway;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lock _applying = new();

    public HostNameUpkeep(
        ServerSettings settings, ServingCertificates serving, SetupState state, GatewayServer gateway, TimeProvider clock, ILogger logger)
    {
        (_settings, _serving, _state, _gateway, _clock, _logger) = (settings, serving, state, gateway, clock, logger);
        _timer = clock.CreateTimer(_ => Apply(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        state.Changed += Queue;
    }

    /// <summary>Called after the names were applied.</summary>
    public event Action? Applied;

    /// <summary>The names that clients use now, the host name of the set-up first.</summary>
    public IReadOnlyList<string> Current => NamesAt(_clock.GetUtcNow());

    /// <summary>Makes it so. Quick; doing so again changes nothing.</summary>
    public void Apply()
    {
        lock (_applying)
        {
            // One time for all: a name whose time ends meanwhile is otherwise still served, and nobody looks again.
            var (setup, now) = (_state.Current, _clock.GetUtcNow());
            _serving.Serve(NamesAt(now), setup?.Hostname);
            _gateway.CheckServingFiles();
            _gateway.Names = setup is null ? [] : [setup.Hostname];
            _gateway.ServeAnyName(setup is null && _settings.TlsMode == TlsMode.SelfSigned ? _serving.OnTheFly : null);
            if (setup is not null)
                ForgetSecret();
            if (setup?.NextChange(now) is { } next)
                _timer.Change(Wait(next), Timeout.InfiniteTimeSpan);
        }

        Applied?.Invoke();
    }

    /// <summary>Writes the one-time secret for commands on this machine.</summary>
    public void Keep(SetupSecret secret) =>
        AtomicFile.Write(_serving.Folder.SetupSecret, Encoding.ASCII.GetBytes(secret.Text + "\n"), AtomicFile.Secret);

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Changed -= Queue;
        _timer.Dispose();
    }

    private IReadOnlyList<string> NamesAt(DateTimeOffset now) => _state.Current is { } setup
        ? [.. setup.NamesAt(now).Concat(_settings.HostNames).Distinct()]
        : _settings.HostNames;

    private void Queue() => ThreadPool.UnsafeQueueUserWorkItem(static names => names.Apply(), this, preferLocal: false);

    private TimeSpan Wait(DateTimeOffset until)
    {
        var wait = until - _clock.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
    }

    private void ForgetSecret()
    {
        try
        {
            File.Delete(_serving.Folder.SetupSecret);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotForgotten(_serving.Folder.SetupSecret, fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} is of no use any more but could not be deleted: {Reason}")]
    private partial void LogNotForgotten(string file, string reason);
}
