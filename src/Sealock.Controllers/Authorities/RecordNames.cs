// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Authorities;

/// <summary>Names of a record, of its entries and annotations.</summary>
public static class RecordNames
{
    /// <summary>Label of Secrets that are records of issuers' CAs.</summary>
    public const string Label = "sealock.dev/authority-record";

    /// <summary>Annotation: the kind of the issuer.</summary>
    public const string IssuerKind = "sealock.dev/issuer-kind";
    /// <summary>Annotation: its name.</summary>
    public const string IssuerName = "sealock.dev/issuer-name";
    /// <summary>Annotation: the phase of the rotation.</summary>
    public const string Phase = "sealock.dev/rotation-phase";
    /// <summary>Annotation: when that was entered (RFC 3339).</summary>
    public const string Since = "sealock.dev/rotation-phase-since";
    /// <summary>Annotation: when everybody was first seen to hold what it asks for (RFC 3339).</summary>
    public const string Settled = "sealock.dev/rotation-settled";

    /// <summary>Entry: the chain of the CA from which everything started (PEM).</summary>
    public const string OldChain = "old.crt";
    /// <summary>Entry: its key (PEM).</summary>
    public const string OldKey = "old.key";
    /// <summary>Entry: whom holders of its leaves trust (PEM).</summary>
    public const string OldTrusted = "old-ca.crt";
    /// <summary>Entry: the chain of the CA to come (PEM).</summary>
    public const string NewChain = "new.crt";
    /// <summary>Entry: its key (PEM).</summary>
    public const string NewKey = "new.key";
    /// <summary>Entry: whom holders of its leaves trust (PEM).</summary>
    public const string NewTrusted = "new-ca.crt";
    /// <summary>Entry: the CA to come as certified by the one before (PEM).</summary>
    public const string Cross = "cross.crt";

    /// <summary>The name of an issuer's record, beside the issuer's Secrets.</summary>
    public static string Of(string kind, string name) => Names.Join($"sealock-{kind.ToLowerInvariant()}-{name}", "ca");

    /// <summary>The name of an issuer's record.</summary>
    internal static string Of(IssuerView issuer) => Of(issuer.Kind, issuer.Metadata.Name);
}
