// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Gateway;
using Sealock.Gateway.Pipeline;
using Sealock.Gateway.Setup;
using Sealock.Gateway.Users;
using Sealock.Hosting.Telemetry;
using Sealock.Settings;

namespace Sealock.Hosting.FrontDoor;

/// <summary>
/// Set-up, local users, and what feeds the listener with certificates beside files: put together in the order in which a
/// server comes to be.
/// </summary>
internal sealed class FrontDoorParts : IAsyncDisposable
{
    private readonly ApiClient _client;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly PasswordVerifier _passwords = new();
    private readonly SetupEndpoint _setup;
    private readonly LoginEndpoint _logins;
    private HostNameUpkeep? _hostNames;
    private Func<string, string?> _warn = _ => null;
    private FrontDoorLoops? _loops;

    /// <param name="state">The set-up as stored; it is read already.</param>
    /// <param name="users">Users and their tokens.</param>
    /// <param name="client">Acts as the server; nothing is sent yet.</param>
    /// <param name="objects">Stored objects.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">The log.</param>
    public FrontDoorParts(SetupState state, LocalUsers users, ApiClient client, IObjectReader objects, TimeProvider clock, ILogger logger)
    {
        (State, _client, _clock, _logger) = (state, client, clock, logger);
        Secret = state.Current is null ? SetupSecret.Generate() : null;
        _setup = new SetupEndpoint(new SetupOptions
        {
            Client = client,
            State = state,
            Secret = Secret,
            Passwords = _passwords,
            Applied = () =>
            {
                _hostNames?.Apply();
                return ValueTask.CompletedTask;
            },
            Warn = hostname => _warn(hostname),
            Clock = clock,
            Log = logger,
        });
        _logins = new LoginEndpoint(new LoginOptions
        {
            Client = client,
            Objects = objects,
            Users = users,
            Passwords = _passwords,
            Clock = clock,
            Log = logger,
        });
    }

    /// <summary>Whether the server has been set up.</summary>
    public SetupState State { get; }

    /// <summary>What must be known for that; null where it had been done at the start.</summary>
    public SetupSecret? Secret { get; }

    /// <summary>What the front door serves of it.</summary>
    public ImmutableArray<Mount> Mounts => [_setup.Mount, .. _logins.Mounts];

    /// <summary>Before anybody listens: the right names are served, and the secret is where commands look for it.</summary>
    public void Serve(ServerSettings settings, ServingCertificates serving, GatewayServer gateway)
    {
        _hostNames = new HostNameUpkeep(settings, serving, State, gateway, _clock, _logger);
        if (Secret is { } secret)
            _hostNames.Keep(secret);
        // Where the certificate is brought along, nobody here can give it the name.
        if (settings.TlsMode is TlsMode.Files or TlsMode.Secret)
            _warn = gateway.RefuseName;
        _hostNames.Apply();
    }

    /// <summary>Once it listens.</summary>
    public void StartLoops(ServerSettings settings, ServingCertificates serving, GatewayServer gateway, ServingProof proof)
    {
        OrderedCertificate? order = null;
        if (settings is { TlsMode: TlsMode.Acme, ServingSecret: { } ordered } && _hostNames is { } names)
        {
            order = new OrderedCertificate(settings, ordered, _client, () => names.Current, _clock, _logger);
            names.Applied += order.Look;
        }

        var secret = settings.ServingSecret is { } name ? new ServedSecret(name, _client, gateway.Serve, _clock, _logger) : null;
        if (_hostNames is { } hostNames)
            hostNames.Applied += proof.Look;
        var conditions = new ServingConditions(
            State, gateway, proof, secret, settings.ServingSecret is { } from ? $"Secret {from}" : serving.Files.CertificateFile, _client, _clock, _logger);
        _loops = new FrontDoorLoops(_logins, secret, order, conditions, _clock, _logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_loops is not null)
            await _loops.DisposeAsync();
        _hostNames?.Dispose();
        _setup.Dispose();
        _passwords.Dispose();
    }
}
