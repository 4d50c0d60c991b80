// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;

namespace Sealock.Cluster.Creating;

/// <summary>The key pair that signs and verifies service account tokens.</summary>
internal sealed class ServiceAccountKeys
{
    private const string Name = "sa";

    private readonly SetFolder _folder;
    private readonly string? _private;
    private readonly string? _public;

    public ServiceAccountKeys(SetFolder folder)
    {
        _folder = folder;
        _private = Read(folder.ServiceAccountKey);
        _public = Read(folder.ServiceAccountPublicKeys);
        Decision = Decide(_private, _public);
    }

    public CreationItem Item => new(null, Name, Decision);

    public CreationDecision Decision { get; }

    /// <summary>What stands of the pair decides: a lost private key is told, since all tokens would end with a new one.</summary>
    public static CreationDecision Decide(string? privatePem, string? publicPem)
    {
        if (privatePem is null)
        {
            return publicPem is null ? CreationDecision.Make("missing") : CreationDecision.Report(
                "sa.pub is there without sa.key; put the key back, or remove sa.pub to make a new pair (all service account tokens end)");
        }

        try
        {
            using var key = KeyPair.FromPem(privatePem);
            if (publicPem is null)
                return CreationDecision.Make("sa.pub is missing; made from sa.key");
            return Holds(publicPem, key) ? CreationDecision.Keep("sa.pub belongs to sa.key") : CreationDecision.Report(
                "sa.pub does not hold the public half of sa.key; remove sa.pub to have it made from sa.key");
        }
        catch (PkiFormatException fault)
        {
            return CreationDecision.Report($"sa.key cannot be read: {fault.Message}");
        }
    }

    /// <summary>Makes what the decision says.</summary>
    /// <returns>The texts of both files; null where they are broken.</returns>
    public (string? Private, string? Public) Make(ClusterConfiguration configuration, SetWriter writer)
    {
        if (Decision.Verdict != CreationVerdict.Make)
            return Decision.Verdict == CreationVerdict.Keep ? (_private, _public) : (null, null);
        using var key = _private is null ? KeyPair.Generate(configuration.KeyAlgorithm) : KeyPair.FromPem(_private);
        var text = _private ?? key.ToTraditionalPem();
        if (_private is null)
            writer.Write(_folder.ServiceAccountKey, Encoding.ASCII.GetBytes(text), AtomicFile.Secret, sync: true);
        var publicText = PemText.Write(PemLabels.PublicKey, key.PublicKey.Der.Span);
        writer.Write(_folder.ServiceAccountPublicKeys, Encoding.ASCII.GetBytes(publicText), AtomicFile.Public, sync: true);
        return (text, publicText);
    }

    private static bool Holds(string publicPem, KeyPair key) => PemDocument.Parse(publicPem).Blocks
        .Any(block => block.Content.Span.SequenceEqual(key.PublicKey.Der.Span));

    private static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path) : null;
}
