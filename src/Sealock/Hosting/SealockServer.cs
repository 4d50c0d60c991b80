// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Api.Storage.Encryption;
using Sealock.Api.Storage.Sqlite;
using Sealock.Controllers.Acme.Answering;
using Sealock.Gateway;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Bootstrap;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Metrics;
using Sealock.Gateway.Plain;
using Sealock.Gateway.RevocationLists;
using Sealock.Gateway.Setup;
using Sealock.Gateway.Tokens;
using Sealock.Gateway.Users;
using Sealock.Hosting.FrontDoor;
using Sealock.Hosting.Telemetry;
using Sealock.Settings;

namespace Sealock.Hosting;

/// <summary>
/// A whole server, put together here and nowhere else: store, encryption, API, front door, controllers. What is made in
/// <see cref="StartAsync"/> is ended in the opposite order.
/// </summary>
internal sealed class SealockServer : IAsyncDisposable
{
    private readonly SqliteStore _store;
    private readonly ApiServer _api;
    private readonly TokenFileAuthenticator? _tokenFile;
    private readonly RevocationFile? _crls;
    private readonly AuditHosting? _audit;
    private readonly GatewayServer _gateway;
    private readonly PlainServer? _plain;
    private readonly ServerControllers _controllers;
    private readonly StoreUpkeep _upkeep;
    private readonly FrontDoorParts _frontDoor;
    private readonly SettingsReload? _reload;
    private readonly ServingProof _proof;

    private SealockServer(
        SqliteStore store, ApiServer api, TokenFileAuthenticator? tokenFile, RevocationFile? crls, AuditHosting? audit, GatewayServer gateway,
        PlainServer? plain, ServerControllers controllers, StoreUpkeep upkeep, FrontDoorParts frontDoor, SettingsReload? reload, ServingProof proof) =>
        (_store, _api, _tokenFile, _crls, _audit, _gateway, _plain, _controllers, _upkeep, _frontDoor, _reload, _proof) =
            (store, api, tokenFile, crls, audit, gateway, plain, controllers, upkeep, frontDoor, reload, proof);

    /// <summary>The set-up; null where there has been none.</summary>
    public SetupView? Setup => _frontDoor.State.Current;

    /// <summary>What must be known to set the server up; null where it had been set up when it started.</summary>
    public SetupSecret? SetupSecret => _frontDoor.Secret;

    /// <summary>Where it listens.</summary>
    public ImmutableArray<IPEndPoint> Endpoints => _gateway.Endpoints;

    /// <summary>Where it answers over plain HTTP; empty where it does not.</summary>
    public ImmutableArray<IPEndPoint> PlainEndpoints => _plain?.Endpoints ?? [];

    /// <summary>Starts everything; the server listens when this returns, with all its roles in place.</summary>
    /// <exception cref="CommandException">Something of the user's cannot be used; the message names the remedy.</exception>
    public static async Task<SealockServer> StartAsync(
        ServerSettings settings, ServingCertificates serving, ILoggerFactory logs, TimeProvider clock, CancellationToken cancellationToken)
    {
        var folder = new DataFolder(settings.DataDirectory);

        // 1. What is kept, and its encryption.
        if (!File.Exists(folder.EncryptionKeys) && File.Exists(Path.Combine(folder.Store, SqliteStore.FileName)))
            throw new CommandException($"{folder.EncryptionKeys} is missing, and without it nobody can read the Secrets in the store. Restore it from a backup.");
        var keys = KeyFile.LoadOrCreate(folder.EncryptionKeys, clock);
        var store = await SqliteStore.OpenAsync(
            new SqliteStoreOptions { Folder = folder.Store, Clock = clock, Logger = logs.CreateLogger("Sealock.Store") }, cancellationToken);

        var reloads = new ReloadMetrics();

        // 2. Who may do what: rules are fed from stored objects, tokens are checked against them.
        var authorizer = new RbacAuthorizer();
        var objects = new LateObjects();
        var accounts = new ServiceAccountTokens(settings, folder);
        var audiences = accounts.Options.Audiences;
        var tokenFile = settings.TokenFile is { } file
            ? new TokenFileAuthenticator(file, audiences, clock, logs.CreateLogger("Sealock.Gateway"), reloads: reloads.Of("token_file", clock))
            : null;
        var users = new LocalUsers(audiences, clock);
        var accountTokens = new ServiceAccountTokenAuthenticator(accounts.Options, objects, clock);
        var tokens = new TokenChain(
        [
            .. tokenFile is not null ? (ITokenAuthenticator[])[tokenFile] : [],
            users,
            accountTokens,
            .. settings.BootstrapTokens
                ? (ITokenAuthenticator[])[new BootstrapTokenAuthenticator(objects, audiences, clock)]
                : [],
        ]);

        // 3. The API over the store.
        var revocations = new RevocationFeed();
        var crls = settings.ClientCrlFile is { } crlFile && serving.Files.ClientCaFile is { } clientCas
            ? new RevocationFile(crlFile, clientCas, revocations.Registry, clock, logs.CreateLogger("Sealock.Gateway"), reloads.Of("client_crl", clock))
            : null;
        var challenges = new ChallengeTable(clock);
        var setup = new SetupState();
        var definitions = Definitions.All(
            authorizer, tokens, accounts.Issuer(clock),
            new TokenRequestOptions { MaxExpirationSeconds = (long)settings.MaxTokenLifetime.TotalSeconds, ExtendPodTokens = false },
            revocations, challenges, setup, users, accountTokens.Take);
        var sealing = new EncryptingStore(store, keys, Definitions.IsEncrypted);
        foreach (var definition in definitions.Where(definition => definition.Encrypted))
            await sealing.VerifyAsync(definition.KeyPrefix, cancellationToken);
        var api = await ApiServer.StartAsync(
            new ApiServerOptions
            {
                Store = sealing,
                Definitions = definitions,
                Authorizer = authorizer,
                Clock = clock,
                Logger = logs.CreateLogger("Sealock.Api"),
            },
            cancellationToken);
        objects.Become(api.Objects);

        // 4. The front door. It listens once the roles are in place.
        var audit = AuditHosting.Start(settings.Audit, definitions, reloads, clock, logs.CreateLogger("Sealock.Audit"));
        var lists = new CrlEndpoint(revocations.Lists, clock);
        var inProcess = new LateApi();
        ApiClient Client(UserInfo user) => new(new InProcessTransport(inProcess.HandleAsync, user));
        var frontDoor = new FrontDoorParts(setup, users, Client(SealockPolicy.Server), api.Objects, clock, logs.CreateLogger("Sealock.FrontDoor"));
        var gateway = new GatewayServer(new GatewayOptions
        {
            Listen = [.. settings.Listen],
            Serving = serving.Files,
            MinimumTls = settings.MinimumTls,
            CipherSuites = [.. settings.CipherSuites],
            AllowAnonymous = settings.AnonymousAuth,
            Tokens = tokens,
            Authorizer = authorizer,
            Auditor = audit?.Auditor,
            Api = api.HandleAsync,
            Mounts = [.. accounts.Mounts(settings.Listen[0].Port), lists.Mount, .. frontDoor.Mounts],
            CredentialsHold = user => users.StillHold(user) && accountTokens.StillHold(user) && tokenFile?.StillHold(user) != false,
            ChallengeCertificate = challenges.CertificateFor,
            Limits = Limits(settings),
            Traffic = settings.Traffic,
            Reloads = reloads,
            AccessLog = settings.AccessLog,
            Clock = clock,
            Logging = logs,
        });
        inProcess.Become(gateway.InProcess);
        revocations.Registry.Feed(locked => gateway.Revocations = locked);
        users.Withdrawn += gateway.CredentialsChanged;
        accountTokens.Withdrawn += gateway.CredentialsChanged;
        if (tokenFile is not null)
            tokenFile.Withdrawn += gateway.CredentialsChanged;
        frontDoor.Serve(settings, serving, gateway);
        await new BootstrapRun(Client(SealockPolicy.Server), api.Objects).ApplyAsync(cancellationToken);

        // 5. The loops, and what keeps the store small: nobody waits for them.
        await gateway.StartAsync(cancellationToken);
        var proof = new ServingProof(gateway, clock, logs.CreateLogger("Sealock.FrontDoor"));
        frontDoor.StartLoops(settings, serving, gateway, proof);
        var controllers = ServerControllers.Start(settings, serving, gateway.Endpoints.Select(endpoint => endpoint.Port), Client, clock, logs);
        gateway.MoreCertificates = controllers.Certificates;
        gateway.MoreMetrics = text =>
        {
            proof.Write(text);
            controllers.WriteMetrics(text, clock);
            RevocationMetrics.Write(text, revocations, crls, clock);
        };
        var reload = settings.Origin is { } origin
            ? new SettingsReload(origin, policy => gateway.Traffic = policy, clock, logs.CreateLogger("Sealock.Settings"), reloads.Of("configuration", clock)) : null;
        var upkeep = StoreUpkeep.Start(sealing, clock, logs.CreateLogger("Sealock.Store"));
        var plain = settings.HttpPort is { } port
            ? await PlainAsync(settings, port, gateway.Endpoints[0].Port, challenges, lists, logs, clock, cancellationToken) : null;
        return new SealockServer(store, api, tokenFile, crls, audit, gateway, plain, controllers, upkeep, frontDoor, reload, proof);
    }

    private static async Task<PlainServer> PlainAsync(
        ServerSettings settings, int port, int httpsPort, ChallengeTable challenges, CrlEndpoint lists, ILoggerFactory logs, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var plain = new PlainServer(new PlainOptions
        {
            Listen = [.. settings.Listen.Select(address => new IPEndPoint(address.Address, port)).Distinct()],
            Challenge = challenges.KeyFor,
            Lists = lists,
            HttpsPort = httpsPort,
            Clock = clock,
            Logging = logs,
        });
        try
        {
            await plain.StartAsync(cancellationToken);
            return plain;
        }
        catch
        {
            await plain.DisposeAsync();
            throw;
        }
    }

    /// <summary>Drains: nothing new is accepted, watches end, requests in flight are answered.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _gateway.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _reload?.Dispose();
        await _proof.DisposeAsync();
        if (_plain is not null)
            await _plain.DisposeAsync();
        await _frontDoor.DisposeAsync();
        await _controllers.DisposeAsync();
        await _upkeep.DisposeAsync();
        await _gateway.DisposeAsync();
        if (_audit is not null)
            await _audit.DisposeAsync();
        _tokenFile?.Dispose();
        _crls?.Dispose();
        await _api.DisposeAsync();
        await _store.DisposeAsync();
    }

    private static GatewayLimits Limits(ServerSettings settings) => new()
    {
        MaxReadOnlyInFlight = settings.MaxRequestsInFlight == 0 ? int.MaxValue : settings.MaxRequestsInFlight,
        MaxMutatingInFlight = settings.MaxMutatingRequestsInFlight == 0 ? int.MaxValue : settings.MaxMutatingRequestsInFlight,
        RequestTimeout = settings.RequestTimeout,
    };
}
