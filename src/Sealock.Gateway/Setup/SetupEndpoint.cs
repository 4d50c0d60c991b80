// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;
using Sealock.Gateway.Users;

namespace Sealock.Gateway.Setup;

/// <summary>What set-up is made of.</summary>
public sealed record SetupOptions
{
    /// <summary>Acts as the server itself.</summary>
    public required ApiClient Client { get; init; }

    /// <summary>Whether the server has been set up.</summary>
    public required SetupState State { get; init; }

    /// <summary>The one-time secret; null where the server had been set up when it started.</summary>
    public required SetupSecret? Secret { get; init; }

    /// <summary>Hashes passwords.</summary>
    public required PasswordVerifier Passwords { get; init; }

    /// <summary>Awaited before a set-up is answered: the host name is served then.</summary>
    public required Func<ValueTask> Applied { get; init; }

    /// <summary>What is wrong with a host name as far as certificates go, asked once it is set; null: nothing.</summary>
    public Func<string, string?> Warn { get; init; } = _ => null;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where it is told who set the server up, and who tried.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;
}

/// <summary>
/// <c>/setup</c>, open to everybody: GET tells whether the server has been set up; POST sets it up, once, for who knows
/// the one-time secret: the host name, and the password of the administrator.
/// </summary>
public sealed partial class SetupEndpoint : IDisposable
{
    /// <summary>The path.</summary>
    public const string Path = "/setup";

    /// <summary>The administrator whom a set-up makes.</summary>
    public const string Administrator = "admin";

    /// <summary>The group that has all rights by a binding, so that they can be taken away.</summary>
    public const string AdministratorGroup = "kubeadm:cluster-admins";

    private const int LongestBody = 8 * 1024;

    // 256 random bits are not guessed at any rate; this bounds what guessing costs.
    private static readonly Rate PerAddress = new(PerSecond: 0.5, Burst: 10);
    private static readonly Rate Overall = new(PerSecond: 20, Burst: 100);

    private readonly SetupOptions _options;
    private readonly LocalUserStore _users;
    private readonly AttemptLimit _attempts;
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Creates it.</summary>
    public SetupEndpoint(SetupOptions options)
    {
        _options = options;
        _users = new LocalUserStore(options.Client);
        _attempts = new AttemptLimit(PerAddress, Overall, options.Clock);
    }

    /// <summary>Where it is mounted.</summary>
    public Mount Mount => new(Path, MountAccess.Open, HandleAsync);

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async ValueTask HandleAsync(GatewayExchange exchange)
    {
        if (exchange.Info.Path != Path)
            throw ApiException.NoSuchResource();
        switch (exchange.Http.Request.Method)
        {
            case "GET" or "HEAD":
                await JsonBody.WriteAsync(exchange, StatusCodes.Status200OK, Status());
                break;
            case "POST":
                _attempts.Enter(exchange);
                await SetUpAsync(await JsonBody.ReadAsync(exchange, LongestBody), exchange);
                break;
            default:
                exchange.Http.Response.Headers.Allow = "GET, HEAD, POST";
                throw ApiException.MethodNotAllowed();
        }
    }

    private JsonObject Status()
    {
        var status = new JsonObject { ["done"] = _options.State.Current is not null };
        if (_options.State.Current is { } done)
            status["hostname"] = done.Hostname;
        return status;
    }

    private async Task SetUpAsync(JsonObject request, GatewayExchange exchange)
    {
        var cancellation = exchange.Cancellation;
        if (_options.State.Current is not null || _options.Secret is not { } secret)
            throw Done();
        if (!secret.Matches(JsonFields.Text(request, "secret")))
        {
            LogRefused(_options.Log, exchange.Client.Address);
            throw new ApiException(
                401, "Unauthorized", "the one-time secret is wrong; the server printed it when it started, and keeps it in setup-secret in its data folder");
        }

        var (hostname, password) = (JsonFields.Text(request, "hostname"), JsonFields.Text(request, "password"));
        if (ServerSetupRules.RefuseHostname(hostname) is { } hostnameFault)
            throw ApiException.BadRequest($"hostname: {hostnameFault}");
        if (PasswordRules.Refuse(password, Administrator) is { } passwordFault)
            throw ApiException.BadRequest($"password: {passwordFault}");

        await _one.WaitAsync(cancellation);
        try
        {
            if (_options.State.Current is not null)
                throw Done();
            // The password first: a set-up that breaks off in between can be done again.
            var administrator = await _users.CreateAsync(Administrator, [AdministratorGroup], mayExist: true, cancellation);
            await _users.SetPasswordAsync(administrator, await _options.Passwords.HashAsync(password, cancellation), cancellation);
            await _options.Client.SendAsync("POST", $"/apis/{ServerSetupDefinition.Group}/v1/{ServerSetupDefinition.Plural}", new JsonObject
            {
                ["apiVersion"] = ServerSetupDefinition.Group + "/v1",
                ["kind"] = ServerSetupDefinition.Value.Kind,
                ["metadata"] = new JsonObject { ["name"] = ServerSetupDefinition.ObjectName },
                ["spec"] = new JsonObject { ["hostname"] = hostname },
            }, cancellation);
        }
        finally
        {
            _one.Release();
        }

        LogSetUp(_options.Log, hostname, exchange.Client.Address);
        await _options.Applied();
        var answer = Status();
        if (_options.Warn(hostname) is { } warning)
            answer["warning"] = $"the server is set up, but {warning}; put one in place that is";
        await JsonBody.WriteAsync(exchange, StatusCodes.Status201Created, answer);
    }

    private static ApiException Done() => new(
        409, "Conflict", "the server has been set up already; move its host name with sealock setup move, and make users with sealock user create");

    [LoggerMessage(LogLevel.Information, "The server was set up as {Hostname} from {Address}")]
    private static partial void LogSetUp(ILogger log, string hostname, IPAddress? address);

    [LoggerMessage(LogLevel.Warning, "Somebody at {Address} tried to set the server up without the one-time secret")]
    private static partial void LogRefused(ILogger log, IPAddress? address);
}
