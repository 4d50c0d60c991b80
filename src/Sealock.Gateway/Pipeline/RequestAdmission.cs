// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// What a request has to pass that depends on where it comes from and on how many there are: before its user is known, and
/// after. Refusals name no rule's contents.
/// </summary>
internal sealed class RequestAdmission(TrafficControl traffic)
{
    private const string NotFromHere = "requests are not accepted from this address";
    private const string UserNotFromHere = "requests of this user are not accepted from this address";

    /// <summary>Finds the client, and asks the rules for everyone.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="kind">What it is counted as.</param>
    /// <param name="refusal">
    /// 403: not from there; 400: it did not come over TLS, or nobody can tell from where. Null: it may go on.
    /// </param>
    /// <returns>Whether its address has a place, which is told here and decided once the user is known.</returns>
    public ShareVerdict FromAddress(GatewayExchange exchange, RequestKind kind, out ApiException? refusal)
    {
        var policy = exchange.Policy = traffic.Policy;
        refusal = Refusal(exchange, policy);
        if (refusal is not null)
            return default;
        var verdict = traffic.Requests.EnterAddress(exchange.Client.Address, policy, kind);
        exchange.AddressSeat = verdict.Seat;
        return verdict;
    }

    /// <summary>Asks the rules for the user, and counts the request in.</summary>
    /// <param name="exchange">The request, with its user.</param>
    /// <param name="crowd">What <see cref="FromAddress"/> said.</param>
    /// <param name="kind">What it is counted as.</param>
    /// <exception cref="ApiException">403: not from there; 429: there are too many.</exception>
    public void FromUser(GatewayExchange exchange, in ShareVerdict crowd, RequestKind kind)
    {
        var (policy, address) = (exchange.Policy ?? traffic.Policy, exchange.Client.Address);
        if (!AdmitsUsers(policy, exchange))
            throw Refuse(TrafficRefusal.UserAddress, Forbidden(UserNotFromHere));
        // Whoever may do everything gets through a crowd that others make at the same address.
        if (!policy.IsExempt(exchange.Requestor))
            RequirePlace(crowd);
        var verdict = traffic.Requests.EnterUser(exchange.User, address, policy, kind);
        exchange.UserSeat = verdict.Seat;
        if (verdict.Refusal == ShareRefusal.None)
            return;
        traffic.Refused(user: true, verdict.Refusal);
        throw RequestLimits.TooMany("user", verdict);
    }

    /// <summary>Counts the large body that a request comes with.</summary>
    /// <exception cref="ApiException">429: its user has sent too many.</exception>
    public void RequireLargeBody(GatewayExchange exchange)
    {
        var verdict = traffic.Requests.EnterLargeBody(exchange.User, exchange.Client.Address, exchange.Policy ?? traffic.Policy);
        if (verdict.Refusal == ShareRefusal.None)
            return;
        traffic.Refused(TrafficRefusal.UserLargeBodies);
        throw RequestLimits.TooMany("user with bodies above 256 KiB", verdict);
    }

    /// <summary>Asks for a place in the address' share.</summary>
    /// <exception cref="ApiException">429: there is none.</exception>
    public void RequirePlace(in ShareVerdict crowd)
    {
        if (crowd.Refusal == ShareRefusal.None)
            return;
        traffic.Refused(user: false, crowd.Refusal);
        throw RequestLimits.TooMany("address", crowd);
    }

    /// <summary>The answer to wrong credentials: who has used up the address' share learns nothing from it.</summary>
    public ApiException Unauthorized(in ShareVerdict crowd)
    {
        RequirePlace(crowd);
        return ApiException.Unauthorized();
    }

    /// <summary>Asks the rules once more, where they have changed since.</summary>
    /// <exception cref="ApiException">403: not from there any more.</exception>
    public void Require(GatewayExchange exchange)
    {
        if (!StillAdmits(exchange))
            throw Refuse(TrafficRefusal.RequestAddress, Forbidden(NotFromHere));
    }

    /// <summary>Whether the rules of now let a request in that is under way.</summary>
    public bool StillAdmits(GatewayExchange exchange)
    {
        var policy = traffic.Policy;
        return ReferenceEquals(policy, exchange.Policy)
            || (exchange.Origin?.HoldsUnder(policy) != false && policy.Clients.Admits(exchange.Client.Address)
                && AdmitsUsers(policy, exchange));
    }

    /// <summary>Gives back what the request has taken of shares.</summary>
    public static void Leave(GatewayExchange exchange)
    {
        exchange.UserSeat.Leave();
        exchange.AddressSeat.Leave();
        exchange.UserSeat = exchange.AddressSeat = default;
    }

    /// <summary>Who presents credentials has to be where it may be, and so has the user that it acts as.</summary>
    private static bool AdmitsUsers(TrafficPolicy policy, GatewayExchange exchange) =>
        policy.SubjectRules.IsEmpty
        || (policy.Admits(exchange.Requestor, exchange.Client.Address)
            && (ReferenceEquals(exchange.User, exchange.Requestor) || policy.Admits(exchange.User, exchange.Client.Address)));

    private ApiException? Refusal(GatewayExchange exchange, TrafficPolicy policy)
    {
        if (exchange.Origin is { } origin)
        {
            if (!origin.HoldsUnder(policy))
                return Refuse(TrafficRefusal.RequestAddress, Forbidden(NotFromHere));
            if (ClientResolver.Resolve(origin, exchange.Http.Request.Headers, policy.TrustedProxies, policy.Forwarded) is not { } resolved)
                return Refuse(TrafficRefusal.ForwardedHeader, ApiException.BadRequest(
                    "the proxy's header names no client: it is to write it anew, and not to pass on what clients send"));
            exchange.Client = resolved;
        }

        var client = exchange.Client;
        if (!policy.Clients.Admits(client.Address))
            return Refuse(TrafficRefusal.RequestAddress, Forbidden(NotFromHere));
        if (client.OverTls == false)
            return Refuse(TrafficRefusal.NotOverTls, ApiException.BadRequest(
                "the request came to the load balancer without TLS; use https, and let the balancer send http there"));
        if (client.OverTls is null && !policy.ExternalTlsAssumed && exchange.Origin is not null && !AnonymousPaths.Contains(exchange.Info))
            return Refuse(TrafficRefusal.NotOverTls, ApiException.BadRequest(
                "the load balancer does not say whether the request came to it over TLS; let it set X-Forwarded-Proto (or proto in Forwarded)"));
        return null;
    }

    private ApiException Refuse(TrafficRefusal refusal, ApiException answer)
    {
        traffic.Refused(refusal);
        return answer;
    }

    private static ApiException Forbidden(string why) => ApiException.Forbidden("", "", "", why);
}
