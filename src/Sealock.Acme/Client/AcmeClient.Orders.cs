// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Globalization;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Client;

/// <summary>Orders, authorizations and challenges (RFC 8555 sections 7.4 and 7.5).</summary>
public sealed partial class AcmeClient
{
    private const int MostIdentifiers = 1000;
    private const int MostChallenges = 100;

    /// <summary>
    /// Makes an order. Not safe to repeat blindly: where it is not known what became of one, look for it with
    /// <see cref="ListOrdersAsync"/> first, if the server lists orders.
    /// </summary>
    public async Task<AcmeResult<AcmeOrder>> NewOrderAsync(
        AcmeAccount account, AcmeOrderRequest request, CancellationToken cancellationToken = default)
    {
        const string What = "the new order";
        var (_, url, failure) = await FindAsync(d => d.NewOrder, "orders", cancellationToken);
        if (url is null)
            return AcmeResult<AcmeOrder>.Failed(failure!);
        var payload = Payload(
            new(request.Identifiers, Time(request.NotBefore), Time(request.NotAfter), request.Profile, request.Replaces),
            AcmeJson.Default.NewOrderPayload);
        // One after the other: some servers (pebble among them) lock up when several are made at once.
        var outcome = await PostAsync(account, url, payload, What, mayRepeat: false, cancellationToken, inTurn: true);
        return Read(outcome, AcmeJson.Default.AcmeOrder, What, (order, answer) =>
            answer.Location is { } location ? Sound(order, location.AbsoluteUri) : null);
    }

    /// <summary>Reads an order; <see cref="AcmeResult{T}.AskAgainAt"/> tells when to do so again while it is processing.</summary>
    public async Task<AcmeResult<AcmeOrder>> GetOrderAsync(AcmeAccount account, string url, CancellationToken cancellationToken = default)
    {
        const string What = "the order";
        var outcome = await PostAsync(account, url, default, What, mayRepeat: true, cancellationToken);
        return Read(outcome, AcmeJson.Default.AcmeOrder, What, (order, _) => Sound(order, url));
    }

    /// <summary>Reads an authorization.</summary>
    public async Task<AcmeResult<AcmeAuthorization>> GetAuthorizationAsync(
        AcmeAccount account, string url, CancellationToken cancellationToken = default) => AuthorizationIn(
            await PostAsync(account, url, default, "the authorization", mayRepeat: true, cancellationToken), url);

    /// <summary>Gives up an authorization, or one that is not proven yet: it is not used for other orders any more.</summary>
    public async Task<AcmeResult<AcmeAuthorization>> DeactivateAuthorizationAsync(
        AcmeAccount account, string url, CancellationToken cancellationToken = default) => AuthorizationIn(
            await PostAsync(
                account, url, Payload(new(AcmeStatus.Deactivated), AcmeJson.Default.StatusPayload), "the authorization's end", mayRepeat: true,
                cancellationToken),
            url);

    /// <summary>Reads a challenge.</summary>
    public async Task<AcmeResult<AcmeChallenge>> GetChallengeAsync(AcmeAccount account, string url, CancellationToken cancellationToken = default) =>
        ChallengeIn(await PostAsync(account, url, default, "the challenge", mayRepeat: true, cancellationToken));

    /// <summary>
    /// Tells the server that a challenge's answer is in place. Where it is not known whether it arrived, read the authorization:
    /// a server refuses to be told twice.
    /// </summary>
    public async Task<AcmeResult<AcmeChallenge>> RespondAsync(AcmeAccount account, string url, CancellationToken cancellationToken = default) =>
        ChallengeIn(await PostAsync(
            account, url, Payload(new(), AcmeJson.Default.EmptyPayload), "the challenge", mayRepeat: false, cancellationToken));

    /// <summary>
    /// Hands in the certificate request of an order that is ready. Where it is not known whether it arrived, read the order:
    /// it is ready only until then.
    /// </summary>
    /// <param name="account">Who ordered.</param>
    /// <param name="order">The order.</param>
    /// <param name="request">The PKCS#10 request in DER; its names must be those of the order, its key not the account's.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<AcmeResult<AcmeOrder>> FinalizeAsync(
        AcmeAccount account, AcmeOrder order, ReadOnlyMemory<byte> request, CancellationToken cancellationToken = default)
    {
        const string What = "the certificate request";
        var payload = Payload(new(Base64Url.EncodeToString(request.Span)), AcmeJson.Default.FinalizePayload);
        var outcome = await PostAsync(account, order.Finalize, payload, What, mayRepeat: false, cancellationToken);
        return Read(outcome, AcmeJson.Default.AcmeOrder, What, (changed, _) => Sound(changed, order.Url));
    }

    private static AcmeResult<AcmeAuthorization> AuthorizationIn(AcmeTransport.Outcome outcome, string url) =>
        Read(outcome, AcmeJson.Default.AcmeAuthorization, "the authorization", (authorization, _) => Sound(authorization, url));

    private static AcmeResult<AcmeChallenge> ChallengeIn(AcmeTransport.Outcome outcome) =>
        Read(outcome, AcmeJson.Default.AcmeChallenge, "the challenge", (challenge, _) => challenge);

    /// <summary>The order with its URL; null where it has holes or more parts than any order has.</summary>
    internal static AcmeOrder? Sound(AcmeOrder order, string url) =>
        order.Identifiers.Count <= MostIdentifiers && order.Authorizations.Count <= MostIdentifiers
        && order.Identifiers.All(IsSound) && order.Authorizations.All(authorization => authorization is not null)
            ? order with { Url = url }
            : null;

    internal static AcmeAuthorization? Sound(AcmeAuthorization authorization, string url) =>
        IsSound(authorization.Identifier) && authorization.Challenges.Count <= MostChallenges
        && authorization.Challenges.All(challenge => challenge is not null)
            ? authorization with { Url = url }
            : null;

    // Members that are missing in JSON are null here, whatever the type says.
    private static bool IsSound(AcmeIdentifier? identifier) => identifier is { Type: not null, Value: not null };

    private static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
