// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Listener;
using Sealock.Gateway.Metrics;
using Sealock.Gateway.Pipeline;
using Sealock.Pki.Tls;

namespace Sealock.Gateway;

/// <summary>What the front door is made of.</summary>
public sealed record GatewayOptions
{
    /// <summary>
    /// Addresses to listen on; port 0 takes a free one (<see cref="GatewayServer.Endpoints"/> tells which).
    /// </summary>
    public required ImmutableArray<IPEndPoint> Listen { get; init; }

    /// <summary>Certificates served and accepted.</summary>
    public required ServingFiles Serving { get; init; }

    /// <summary><see cref="SslProtocols.Tls12"/> or <see cref="SslProtocols.Tls13"/>.</summary>
    public SslProtocols MinimumTls { get; init; } = SslProtocols.Tls12;

    /// <summary>
    /// Suites for clients that offer nothing better than TLS 1.2. Empty: those with authenticated encryption and
    /// forward secrecy. The suites of TLS 1.3 are not for choosing.
    /// </summary>
    public ImmutableArray<TlsCipherSuite> CipherSuites { get; init; } = [];

    /// <summary>
    /// Whether requests without credentials go on as <c>system:anonymous</c>; otherwise they are refused (401).
    /// </summary>
    public bool AllowAnonymous { get; init; } = true;

    /// <summary>Authenticates bearer tokens.</summary>
    public ITokenAuthenticator Tokens { get; init; } = new TokenChain();

    /// <summary>Decides what users may do.</summary>
    public required IAuthorizer Authorizer { get; init; }

    /// <summary>Records requests; null: nothing is audited. Not disposed here: it must outlive the front door.</summary>
    public Auditor? Auditor { get; init; }

    /// <summary>Answers everything that is not mounted.</summary>
    public required ApiHandler Api { get; init; }

    /// <summary>Handlers for paths outside the API.</summary>
    public ImmutableArray<Mount> Mounts { get; init; } = [];

    /// <summary>
    /// The certificate that an ACME validation by TLS-ALPN-01 (RFC 8737) of a server name is to see; null where there is none
    /// such. Asked only for handshakes that offer <c>acme-tls/1</c> and nothing else.
    /// </summary>
    public Func<string, ServingCertificate?> ChallengeCertificate { get; init; } = _ => null;

    /// <summary>
    /// Whether the credentials that a user came in with are still good, beside certificates and revocations: asked on every
    /// request, and of open watches after <see cref="GatewayServer.CredentialsChanged"/>.
    /// </summary>
    public Func<UserInfo, bool> CredentialsHold { get; init; } = _ => true;

    /// <summary>Checks behind <c>/healthz</c>, <c>/livez</c> and <c>/readyz</c>.</summary>
    public ImmutableArray<HealthCheck> HealthChecks { get; init; } = [];

    /// <summary>Bounds.</summary>
    public GatewayLimits Limits { get; init; } = new();

    /// <summary>Who may come in, by whom, and how much of it; <see cref="GatewayServer.Traffic"/> changes it.</summary>
    public TrafficPolicy Traffic { get; init; } = new();

    /// <summary>Counts what is read again while the server runs; whoever else reads something again counts it here, too.</summary>
    public ReloadMetrics Reloads { get; init; } = new();

    /// <summary>Whether a line is logged for each request.</summary>
    public bool AccessLog { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where logs go.</summary>
    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;
}
