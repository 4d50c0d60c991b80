// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Pki.Requests;

namespace Sealock.Acme.Issuance;

/// <summary>What a certificate is asked for with.</summary>
public sealed record CertificateOrder
{
    /// <summary>The names, and all else the server is asked for.</summary>
    public required AcmeOrderRequest Order { get; init; }

    /// <summary>The request, made with the certificate's key, for the same names.</summary>
    public required CertificateSigningRequest Request { get; init; }

    /// <summary>The common name of an issuer that the chain should have; null for no preference.</summary>
    public string? PreferredChain { get; init; }

    /// <summary>The URL of an order that was made for this before, and may still be good; null for none.</summary>
    public string? KnownOrder { get; init; }

    /// <summary>Is told the URL of a new order before anything else is done with it: whoever keeps it, loses no order.</summary>
    public Action<string> Ordered { get; init; } = _ => { };
}

/// <summary>How an order is looked after.</summary>
public sealed record IssuanceOptions
{
    /// <summary>How long all of it may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether CAA records are asked before anything is ordered.</summary>
    public bool CheckCaa { get; init; } = true;

    /// <summary>The first wait before the server is asked again, where it does not say how long to wait; it doubles.</summary>
    public TimeSpan FirstPoll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest such wait.</summary>
    public TimeSpan LongestPoll { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many authorizations are worked on at once.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>Is told what happens, in one line each.</summary>
    public Action<string> Progress { get; init; } = _ => { };
}
