// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Http;
using Sealock.Api.Security;
using Sealock.Gateway.Listener;
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Asks the authenticators in order: client certificate, then bearer token. The first that knows the user wins; a
/// request whose only credentials are wrong is refused, and one without any is anonymous, where that is allowed
/// (kube-apiserver's union).
/// </summary>
internal sealed class RequestAuthenticator(
    CertificateAuthenticator certificates, ITokenAuthenticator tokens, bool allowAnonymous, Func<UserInfo, bool> credentialsHold,
    AccessMetrics metrics)
{
    private readonly UserInfo? _withoutCredentials = allowAnonymous ? UserInfo.Anonymous : null;
    private volatile Revocations _revocations = Revocations.None;

    /// <summary>Who is locked out.</summary>
    public Revocations Revocations
    {
        get => _revocations;
        set => _revocations = value;
    }

    /// <summary>
    /// Whether what a request came in with still holds: it is not revoked nor withdrawn, and its certificate, if it came
    /// with one, is accepted by the CAs of today.
    /// </summary>
    public bool StillHolds(UserInfo requestor, ClientConnection? connection) =>
        !_revocations.Cover(requestor) && credentialsHold(requestor) &&
        (connection is null || !CredentialId.IsCertificate(requestor) ||
            certificates.Authenticate(connection, _revocations).User is not null);

    /// <summary>Who makes the request; null if credentials were presented and none is valid.</summary>
    public ValueTask<UserInfo?> AuthenticateAsync(
        ClientConnection? connection, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var certificate = connection is null ? AuthenticationResult.None : certificates.Authenticate(connection, _revocations);
        if (certificate.User is { } user)
        {
            metrics.Authenticated(AccessMetrics.Certificate, succeeded: true);
            return ValueTask.FromResult<UserInfo?>(user);
        }

        if (certificate.Failed)
            metrics.Authenticated(AccessMetrics.Certificate, succeeded: false);
        if (headers.Authorization.Count == 0 && headers.SecWebSocketProtocol.Count == 0)
            return ValueTask.FromResult(certificate.Failed ? null : WithoutCredentials());
        return WithTokenAsync(headers, certificate.Failed, cancellationToken);
    }

    private async ValueTask<UserInfo?> WithTokenAsync(
        IHeaderDictionary headers, bool failed, CancellationToken cancellationToken)
    {
        if (BearerToken.FromHeader(headers.Authorization) is { } token)
        {
            if (await AskAsync(token, cancellationToken) is { } user)
            {
                headers.Authorization = default;
                return user;
            }

            failed = true;
        }

        if (!BearerToken.TryFromWebSocket(headers, out var socketToken, out var otherProtocols))
            return null;
        if (socketToken is not null)
        {
            if (await AskAsync(socketToken, cancellationToken) is { } user)
            {
                headers.SecWebSocketProtocol = otherProtocols;
                return user;
            }

            failed = true;
        }

        return failed ? null : WithoutCredentials();
    }

    private UserInfo? WithoutCredentials()
    {
        metrics.Authenticated(AccessMetrics.Anonymous, _withoutCredentials is not null);
        return _withoutCredentials;
    }

    private async ValueTask<UserInfo?> AskAsync(string token, CancellationToken cancellationToken)
    {
        var identity = await tokens.AuthenticateAsync(token, [], cancellationToken);
        metrics.Authenticated(identity?.Method ?? AccessMetrics.UnknownToken, identity is not null);
        return identity is null ? null : Identities.Authenticated(identity.User);
    }
}
