// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using Sealock.Pki.Paths;

namespace Sealock.Controllers.Acme;

/// <summary>What ACME challenges can be answered with, and how orders are looked after.</summary>
public sealed record AcmeOptions
{
    /// <summary>
    /// Why TLS-ALPN-01 cannot be answered here, with the remedy; empty where it can, by a listener that asks
    /// <see cref="Answering.ChallengeTable"/>.
    /// </summary>
    public string TlsAlpnRefusal { get; init; } =
        "TLS-ALPN-01 is answered by a Sealock server's own listener, and this process has none: use http01 or dns01";

    /// <summary>Whether a listener of ours on port 80 asks <see cref="Answering.ChallengeTable"/>.</summary>
    public bool AnswersHttp { get; init; }

    /// <summary>Whether this is a server of our own, so that remedies name its flags.</summary>
    public bool IsServer { get; init; }

    /// <summary>
    /// Where Ingresses lead validations to, if port 80 is not our own: this process's plain listener, as the cluster reaches it.
    /// Null where there is none.
    /// </summary>
    public IPEndPoint? SolverEndpoint { get; init; }

    /// <summary>The program that changes DNS records for the webhook solver named <c>exec</c>; empty for none.</summary>
    public string DnsHook { get; init; } = "";

    /// <summary>DNS servers that are asked; empty for those of this machine.</summary>
    public ImmutableArray<IPEndPoint> DnsServers { get; init; } = [];

    /// <summary>Whether CAA records are asked before anything is ordered.</summary>
    public bool CheckCaa { get; init; } = true;

    /// <summary>How many challenges of an issuer are at work at once.</summary>
    public int MaxChallenges { get; init; } = 60;

    /// <summary>How many Orders, and how many Challenges, are looked at concurrently.</summary>
    public int Workers { get; init; } = 48;

    /// <summary>The CAs by which ACME servers and webhooks are verified where an issuer names none.</summary>
    public Func<TrustPool> Trust { get; init; } = () => System.Value;

    /// <summary>Where ClusterIssuers have their Secrets.</summary>
    public string ClusterResourceNamespace { get; init; } = "cert-manager";

    /// <summary>Called with the name of each step as it begins, for tests that kill there.</summary>
    internal Action<string>? FaultPoint { get; init; }

    private static Lazy<TrustPool> System { get; } = new(() => SystemTrust.Load());
}
