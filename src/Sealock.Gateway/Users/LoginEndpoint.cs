// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;
using Sealock.Pki.Inspection;

namespace Sealock.Gateway.Users;

/// <summary>What logging in is made of.</summary>
public sealed record LoginOptions
{
    /// <summary>Acts as the server itself.</summary>
    public required ApiClient Client { get; init; }

    /// <summary>Reads the Secrets with the passwords.</summary>
    public required IObjectReader Objects { get; init; }

    /// <summary>Users and tokens.</summary>
    public required LocalUsers Users { get; init; }

    /// <summary>Checks passwords.</summary>
    public required PasswordVerifier Passwords { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where it is told who came and who was turned away.</summary>
    public ILogger Log { get; init; } = NullLogger.Instance;
}

/// <summary>
/// <c>POST /login</c> gives a token for a password, <c>POST /logout</c> ends the token that it comes with, <c>POST /password</c>
/// gives another password to who knows the one before. All are open: who comes has no other credentials.
/// </summary>
public sealed partial class LoginEndpoint
{
    /// <summary>The path to log in.</summary>
    public const string LoginPath = "/login";

    /// <summary>The path to log out.</summary>
    public const string LogoutPath = "/logout";

    /// <summary>The path to change one's own password.</summary>
    public const string PasswordPath = "/password";

    /// <summary>How long a token lives where nothing is asked for.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(12);

    /// <summary>How long a token lives at most.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(30);

    /// <summary>How long a token lives at least.</summary>
    public static readonly TimeSpan ShortestLifetime = TimeSpan.FromMinutes(10);

    /// <summary>Tokens that one user may have; the oldest goes for a new one.</summary>
    internal const int MostTokens = 50;

    private const string AuditedUser = "audit.sealock.dev/login-user";
    private const int LongestBody = 8 * 1024;
    private const int UsersTried = 4096;
    private const int WaysKnown = 4096;
    private const string Tokens = "/apis/" + LoginTokenDefinition.Group + "/v1/" + LoginTokenDefinition.Plural;

    private static readonly Rate PerAddress = new(PerSecond: 0.5, Burst: 20);
    private static readonly Rate Overall = new(PerSecond: 20, Burst: 200);
    private static readonly Rate PerUser = new(PerSecond: 0.5, Burst: 30);

    private readonly LoginOptions _options;
    private readonly AttemptLimit _attempts;
    private readonly TokenBuckets<string> _byUser;

    // From where users came in lately. There strangers' tries at their passwords do not lock them out: only those of one address do.
    private readonly BoundedTable<(string User, AddressKey From), bool> _known = new(WaysKnown);

    /// <summary>Creates it.</summary>
    public LoginEndpoint(LoginOptions options)
    {
        _options = options;
        _attempts = new AttemptLimit(PerAddress, Overall, options.Clock);
        _byUser = new TokenBuckets<string>(PerUser, UsersTried, options.Clock);
    }

    /// <summary>Where it is mounted.</summary>
    public ImmutableArray<Mount> Mounts =>
    [
        new(LoginPath, MountAccess.Open, exchange => HandleAsync(exchange, LoginPath, LogInAsync)),
        new(LogoutPath, MountAccess.Open, exchange => HandleAsync(exchange, LogoutPath, LogOutAsync)),
        new(PasswordPath, MountAccess.Open, exchange => HandleAsync(exchange, PasswordPath, ChangePasswordAsync)),
    ];

    /// <summary>Deletes the objects of tokens that are good for nothing any more.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        foreach (var token in _options.Users.Expired(_options.Clock.GetUtcNow()))
            await DeleteAsync(token, cancellationToken);
    }

    private static async ValueTask HandleAsync(GatewayExchange exchange, string path, Func<GatewayExchange, ValueTask> handler)
    {
        if (exchange.Info.Path != path)
            throw ApiException.NoSuchResource();
        if (exchange.Http.Request.Method != "POST")
        {
            exchange.Http.Response.Headers.Allow = "POST";
            throw ApiException.MethodNotAllowed();
        }

        await handler(exchange);
    }

    private async ValueTask LogInAsync(GatewayExchange exchange)
    {
        _attempts.Enter(exchange);
        var request = await JsonBody.ReadAsync(exchange, LongestBody);
        var lifetime = Lifetime(request["expirationSeconds"]);
        var (name, user) = await KnowAsync(exchange, request);
        var (token, expires) = await IssueAsync(name, user, lifetime, exchange.Cancellation);
        await JsonBody.WriteAsync(exchange, StatusCodes.Status201Created, new JsonObject
        {
            ["user"] = name,
            ["token"] = token,
            ["expirationTimestamp"] = ValidityText.Rfc3339(expires),
        });
        LogLoggedIn(_options.Log, name, exchange.Client.Address, expires);
    }

    /// <summary>The user whose name and password a request has.</summary>
    /// <exception cref="ApiException">401: it is nobody's; 429: there were too many attempts.</exception>
    private async Task<(string Name, LocalUser User)> KnowAsync(GatewayExchange exchange, JsonObject request)
    {
        var (name, password) = (JsonFields.Text(request, "username"), JsonFields.Text(request, "password"));
        if (NameRules.DnsSubdomain(name).Count > 0 || password.Length is 0 or > PasswordRules.Longest)
            throw ApiException.Unauthorized();
        var way = (name, AddressKey.Of(exchange.Client.Address));
        if (!_known.TryGet(way, out _) && !_byUser.TryTake(name, out var wait))
            throw AttemptLimit.TooMany(wait);

        var user = _options.Users.Find(name);
        // Of a name that nobody has nothing is kept: it may be a password in the wrong field.
        if (user is not null)
            exchange.AnnotateAudit(AuditedUser, name);
        var expected = user is { Disabled: false } ? LocalUserStore.FindPassword(_options.Objects, name, user.Uid) : null;
        if (!await _options.Passwords.VerifyAsync(expected, password, exchange.Cancellation) || user is null)
        {
            LogRefused(_options.Log, user is null ? "somebody unknown" : name, exchange.Client.Address);
            throw ApiException.Unauthorized();
        }

        _known.Set(way, true);
        return (name, user);
    }

    private async ValueTask ChangePasswordAsync(GatewayExchange exchange)
    {
        _attempts.Enter(exchange);
        var request = await JsonBody.ReadAsync(exchange, LongestBody);
        var (name, user) = await KnowAsync(exchange, request);
        var next = JsonFields.Text(request, "newPassword");
        if (PasswordRules.Refuse(next, name) is { } fault)
            throw ApiException.BadRequest($"newPassword: {fault}");
        if (next == JsonFields.Text(request, "password"))
            throw ApiException.BadRequest("newPassword: is the one before; choose another");
        var hash = await _options.Passwords.HashAsync(next, exchange.Cancellation);
        await new LocalUserStore(_options.Client).SetPasswordAsync(name, user.Uid, hash, exchange.Cancellation);
        // Whoever else had the password may have logged in with it.
        var own = BearerToken.FromHeader(exchange.Http.Request.Headers.Authorization) is { } token ? _options.Users.FindToken(token) : null;
        var others = _options.Users.TokensOf(name).Where(one => one.Name != own?.Name).ToList();
        foreach (var other in others)
            await DeleteAsync(other, exchange.Cancellation);
        await JsonBody.WriteAsync(exchange, StatusCodes.Status200OK, new JsonObject { ["user"] = name, ["tokensEnded"] = others.Count });
        LogChanged(_options.Log, name, exchange.Client.Address);
    }

    private async ValueTask LogOutAsync(GatewayExchange exchange)
    {
        _attempts.Enter(exchange);
        if (BearerToken.FromHeader(exchange.Http.Request.Headers.Authorization) is not { } token || _options.Users.FindToken(token) is not { } known)
            throw ApiException.Unauthorized();
        await DeleteAsync(known, exchange.Cancellation);
        await JsonBody.WriteAsync(exchange, StatusCodes.Status200OK, new JsonObject { ["user"] = known.User });
    }

    private async Task<(string Token, DateTimeOffset Expires)> IssueAsync(
        string name, LocalUser user, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        foreach (var surplus in _options.Users.TokensOf(name).SkipLast(MostTokens - 1))
            await DeleteAsync(surplus, cancellationToken);
        var (token, now) = (LoginNames.NewToken(), _options.Clock.GetUtcNow());
        var expires = now + lifetime;
        await _options.Client.SendAsync("POST", Tokens, new JsonObject
        {
            ["apiVersion"] = LoginTokenDefinition.Group + "/v1",
            ["kind"] = LoginTokenDefinition.Value.Kind,
            ["metadata"] = new JsonObject { ["name"] = LoginNames.NewName() },
            ["spec"] = new JsonObject
            {
                ["user"] = name,
                ["userUID"] = user.Uid,
                ["expires"] = ValidityText.Rfc3339(expires),
                ["tokenSHA256"] = LocalUsers.HashOf(token),
            },
        }, cancellationToken);
        return (token, expires);
    }

    private async Task DeleteAsync(LoginToken token, CancellationToken cancellationToken)
    {
        try
        {
            await _options.Client.SendAsync("DELETE", $"{Tokens}/{Uri.EscapeDataString(token.Name)}", null, cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            // Somebody else was faster.
        }
    }

    private static TimeSpan Lifetime(JsonNode? seconds)
    {
        if (seconds is null)
            return DefaultLifetime;
        if (seconds is JsonValue value && value.TryGetValue<long>(out var count)
            && count >= ShortestLifetime.TotalSeconds && count <= LongestLifetime.TotalSeconds)
            return TimeSpan.FromSeconds(count);
        throw ApiException.BadRequest(string.Create(
            CultureInfo.InvariantCulture,
            $"expirationSeconds: must be from {ShortestLifetime.TotalSeconds} (10 minutes) to {LongestLifetime.TotalSeconds} (30 days)"));
    }

    [LoggerMessage(LogLevel.Information, "{User} logged in from {Address}, until {Expires:u}")]
    private static partial void LogLoggedIn(ILogger log, string user, IPAddress? address, DateTimeOffset expires);

    [LoggerMessage(LogLevel.Information, "{User} changed the password from {Address}; tokens from before are ended")]
    private static partial void LogChanged(ILogger log, string user, IPAddress? address);

    [LoggerMessage(LogLevel.Warning, "A login as {User} from {Address} was refused")]
    private static partial void LogRefused(ILogger log, string user, IPAddress? address);
}
