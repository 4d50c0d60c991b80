// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Issuance;

/// <summary>Labels and annotations that cert-manager uses, and a few of our own beside them.</summary>
internal static class WellKnown
{
    /// <summary>Label of Secrets that these loops look after ("for attention of").</summary>
    public const string Attention = "controller.cert-manager.io/fao";

    public const string CertificateName = "cert-manager.io/certificate-name";
    public const string CertificateRevision = "cert-manager.io/certificate-revision";
    public const string PrivateKeySecret = "cert-manager.io/private-key-secret-name";
    public const string NextPrivateKey = "cert-manager.io/next-private-key";
    public const string IssueTemporary = "cert-manager.io/issue-temporary-certificate";

    public const string IssuerName = "cert-manager.io/issuer-name";
    public const string IssuerKind = "cert-manager.io/issuer-kind";
    public const string IssuerGroup = "cert-manager.io/issuer-group";

    public const string CommonName = "cert-manager.io/common-name";
    public const string AltNames = "cert-manager.io/alt-names";
    public const string IpSans = "cert-manager.io/ip-sans";
    public const string UriSans = "cert-manager.io/uri-sans";
    public const string EmailSans = "cert-manager.io/email-sans";
    public const string SubjectOrganizations = "cert-manager.io/subject-organizations";
    public const string SubjectOrganizationalUnits = "cert-manager.io/subject-organizationalunits";
    public const string SubjectCountries = "cert-manager.io/subject-countries";
    public const string SubjectProvinces = "cert-manager.io/subject-provinces";
    public const string SubjectLocalities = "cert-manager.io/subject-localities";
    public const string SubjectPostalCodes = "cert-manager.io/subject-postalcodes";
    public const string SubjectStreetAddresses = "cert-manager.io/subject-streetaddresses";
    public const string SubjectSerialNumber = "cert-manager.io/subject-serialnumber";

    /// <summary>On a request: it is not to be tried again before this time (RFC 3339).</summary>
    public const string RetryNotBefore = "sealock.dev/retry-not-before";

    /// <summary>On a request: why it was made.</summary>
    public const string Cause = "sealock.dev/cause";

    /// <summary>On a request: the generation of the Certificate for which it was made.</summary>
    public const string Generation = "sealock.dev/certificate-generation";

    /// <summary>On a Secret: which labels and annotations came from the Certificate's template.</summary>
    public const string TemplateKeys = "sealock.dev/secret-template";

    /// <summary>On a Secret: what its keystores were made of.</summary>
    public const string Keystores = "sealock.dev/keystores";

    /// <summary>On a Secret: its certificate only fills the time until the issuer has signed.</summary>
    public const string Temporary = "sealock.dev/temporary-certificate";

    /// <summary>On a Certificate: endpoints (<c>host:port</c>, comma separated) that must serve it.</summary>
    public const string Probe = "sealock.dev/probe";

    public const string CertificateEntry = "tls.crt";
    public const string KeyEntry = "tls.key";
    public const string CaEntry = "ca.crt";
    public const string CombinedEntry = "tls-combined.pem";
    public const string DerEntry = "key.der";
    public const string Pkcs12Entry = "keystore.p12";
    public const string Pkcs12TrustEntry = "truststore.p12";
    public const string JksEntry = "keystore.jks";
    public const string JksTrustEntry = "truststore.jks";
}
