// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Certificates;

/// <summary>The object identifiers of extended key usage.</summary>
public static class KeyPurposes
{
    /// <summary>anyExtendedKeyUsage.</summary>
    public const string Any = "2.5.29.37.0";

    /// <summary>TLS server authentication.</summary>
    public const string ServerAuth = "1.3.6.1.5.5.7.3.1";

    /// <summary>TLS client authentication.</summary>
    public const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    /// <summary>Code signing.</summary>
    public const string CodeSigning = "1.3.6.1.5.5.7.3.3";

    /// <summary>Email protection (S/MIME).</summary>
    public const string EmailProtection = "1.3.6.1.5.5.7.3.4";

    /// <summary>IPsec end system.</summary>
    public const string IpsecEndSystem = "1.3.6.1.5.5.7.3.5";

    /// <summary>IPsec tunnel.</summary>
    public const string IpsecTunnel = "1.3.6.1.5.5.7.3.6";

    /// <summary>IPsec user.</summary>
    public const string IpsecUser = "1.3.6.1.5.5.7.3.7";

    /// <summary>Time stamping.</summary>
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    /// <summary>OCSP signing.</summary>
    public const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    /// <summary>Microsoft server gated cryptography.</summary>
    public const string MicrosoftSgc = "1.3.6.1.4.1.311.10.3.3";

    /// <summary>Netscape server gated cryptography.</summary>
    public const string NetscapeSgc = "2.16.840.1.113730.4.1";

    /// <summary>A purpose in words, or its OID.</summary>
    public static string NameOf(string oid) => oid switch
    {
        Any => "any",
        ServerAuth => "server auth",
        ClientAuth => "client auth",
        CodeSigning => "code signing",
        EmailProtection => "email protection",
        IpsecEndSystem => "ipsec end system",
        IpsecTunnel => "ipsec tunnel",
        IpsecUser => "ipsec user",
        TimeStamping => "timestamping",
        OcspSigning => "ocsp signing",
        MicrosoftSgc => "microsoft sgc",
        NetscapeSgc => "netscape sgc",
        _ => oid,
    };
}
