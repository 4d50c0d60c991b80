// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sealock.Bench.Targets;

/// <summary>Certificate signing requests as JSON.</summary>
internal static class SigningRequests
{
    public const string Path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    /// <summary>A PKCS#10 request for a client certificate.</summary>
    public static string Pem(ECDsa key, string user, string group) =>
        new CertificateRequest($"O={group}, CN={user}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    public static string Body(string name, string pem) =>
        $$$"""{"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"{{{name}}}"},"spec":{"request":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))}}}","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth","digital signature"]}}""";

    /// <summary>The same with the approval that <c>kubectl certificate approve</c> adds.</summary>
    public static string Approved(string body) => body[..^1] +
        ""","status":{"conditions":[{"type":"Approved","status":"True","reason":"KubectlApprove","message":"approved"}]}}""";
}
