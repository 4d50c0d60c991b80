// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Revocation.Definitions;

/// <summary>The kinds by which something is revoked, and those that tell others of it (sealock.dev/v1).</summary>
public static class RevocationDefinitions
{
    /// <summary>The API group.</summary>
    public const string Group = "sealock.dev";

    /// <summary>Revoked certificates.</summary>
    public const string Certificates = "certificaterevocations";

    /// <summary>Users, keys and credentials that are locked out.</summary>
    public const string Access = "accessrevocations";

    /// <summary>CRLs.</summary>
    public const string Lists = "revocationlists";

    /// <summary>The reason that can be taken back.</summary>
    public const string Hold = "certificateHold";

    /// <summary>Annotation by which an AccessRevocation of the very user who writes it is meant: <c>"true"</c>.</summary>
    public const string LocksOutMyself = "sealock.dev/locks-out-myself";

    /// <summary>The name of a certificate's CertificateRevocation.</summary>
    /// <param name="authorityKeyId">The identifier of the CA's key (<see cref="Pki.Revocation.AuthorityKeyId"/>).</param>
    /// <param name="serialNumber">The certificate's serial number.</param>
    public static string NameOf(string authorityKeyId, SerialNumber serialNumber) =>
        $"{authorityKeyId}-{TextOf(serialNumber)}";

    /// <summary>A serial number as it is written in objects: lower-case hexadecimal.</summary>
    public static string TextOf(SerialNumber serialNumber) => serialNumber.ToString().ToLowerInvariant();

    /// <summary>All of them.</summary>
    public static ImmutableArray<ResourceDefinition> All { get; } =
    [
        new()
        {
            Group = Group,
            Version = "v1",
            Kind = "CertificateRevocation",
            Plural = Certificates,
            ShortNames = ["crev"],
            Scope = ResourceScope.Cluster,
            SchemaName = "dev.sealock.v1.CertificateRevocation",
            Schema = RevocationSchemas.Certificate,
            Columns = RevocationColumns.Certificates,
            PrepareForCreate = RevocationStrategy.PrepareForCreate,
            PrepareForUpdate = RevocationStrategy.PrepareForUpdate,
            PrepareForDelete = RevocationStrategy.PrepareForDelete,
            ValidateName = NameRules.DnsSubdomain,
            Validate = RevocationValidation.OfCertificate,
        },
        new()
        {
            Group = Group,
            Version = "v1",
            Kind = "AccessRevocation",
            Plural = Access,
            ShortNames = ["arev"],
            Scope = ResourceScope.Cluster,
            SchemaName = "dev.sealock.v1.AccessRevocation",
            Schema = RevocationSchemas.Access,
            Columns = RevocationColumns.Access,
            PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
            PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
            ValidateName = NameRules.DnsSubdomain,
            Validate = RevocationValidation.OfAccess,
        },
        new()
        {
            Group = Group,
            Version = "v1",
            Kind = "RevocationList",
            Plural = Lists,
            ShortNames = ["crl"],
            Scope = ResourceScope.Cluster,
            SchemaName = "dev.sealock.v1.RevocationList",
            Schema = RevocationSchemas.List,
            Columns = RevocationColumns.Lists,
            PrepareForCreate = CustomResourceStrategy.PrepareForCreate,
            PrepareForUpdate = CustomResourceStrategy.PrepareForUpdate,
            ValidateName = NameRules.DnsSubdomain,
            Validate = RevocationValidation.OfList,
            Subresources = [CustomResourceStrategy.Status(RevocationValidation.OfListStatus)],
        },
    ];
}
