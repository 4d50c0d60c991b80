// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Authorities;

/// <summary>Names of a record, of its entries and annotations.</summary>
internal static class RecordNames
{
    /// <summary>Label of Secrets that are records of issuers' CAs.</summary>
    public const string Label = "sealock.dev/authority-record";

    public const string IssuerKind = "sealock.dev/issuer-kind";
    public const string IssuerName = "sealock.dev/issuer-name";
    public const string Phase = "sealock.dev/rotation-phase";
    public const string Since = "sealock.dev/rotation-phase-since";
    public const string Settled = "sealock.dev/rotation-settled";

    public const string OldChain = "old.crt";
    public const string OldKey = "old.key";
    public const string OldTrusted = "old-ca.crt";
    public const string NewChain = "new.crt";
    public const string NewKey = "new.key";
    public const string NewTrusted = "new-ca.crt";
    public const string Cross = "cross.crt";

    /// <summary>The name of an issuer's record, beside the issuer's Secrets.</summary>
    public static string Of(string kind, string name) => Names.Join($"sealock-{kind.ToLowerInvariant()}-{name}", "ca");

    /// <summary>The name of an issuer's record.</summary>
    public static string Of(IssuerView issuer) => Of(issuer.Kind, issuer.Metadata.Name);
}
