// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Making;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;

namespace Sealock.Cluster.Creating;

/// <summary>Carries out what was decided about leaves. May be used concurrently for different leaves.</summary>
internal sealed class LeafWriter(
    ClusterPlan plan, SetMaterial material, IReadOnlyDictionary<string, KeyPair> signers, SetWriter writer, FileOwners owners, bool sync, DateTimeOffset now)
{
    /// <summary>Makes a leaf and the files that carry it. The key is written first: a key alone is healed by the next run.</summary>
    /// <returns>Null, or why it could not be made.</returns>
    public string? Make(StandingCertificate standing, LeafDecision decision)
    {
        var (planned, places) = (standing.Planned, RequestFiles.Of(standing));
        using var kept = decision.KeepsKey ? KeyOf(standing, places) : null;
        MadeLeaf? leaf;
        if (decision.KeepsCertificate && kept is not null)
        {
            leaf = KeptLeaf(standing, places, kept);
        }
        else
        {
            var roles = material.RolesOf(planned.Authority);
            if (roles is null || !signers.TryGetValue(planned.Authority.Name, out var signer))
                return $"{planned.Authority.Name} cannot sign";
            (leaf, var refusal) = LeafMaker.Make(plan.Configuration, planned, roles, signer, kept, now);
            if (leaf is null)
                return refusal;
        }

        foreach (var file in standing.Files.OrderByDescending(file => file.Planned.Content is LeafKey))
        {
            // A kubeconfig that points elsewhere is made from the ground; otherwise what users added to it stays.
            var own = file.Kubeconfig is { } config && file.Planned.Content is LeafKubeconfig wanted && file.Target?.Cluster.Server == wanted.Server ? config : null;
            if (FileText.Of(file.Planned, plan.Configuration, material, leaf, own) is { } text && text != file.Text)
                Write(file.Planned, file.Path, text);
        }

        if (places.IsKubeconfig)
            DeletePending(places);
        return null;
    }

    /// <summary>Makes a key where there is none, and a request beside it, as somebody else is to sign it.</summary>
    public void Request(StandingCertificate standing, LeafDecision decision)
    {
        var (planned, places) = (standing.Planned, RequestFiles.Of(standing));
        using var key = (decision.KeepsKey ? KeyOf(standing, places) : null) ?? KeyPair.Generate(plan.Configuration.KeyAlgorithm);
        if (!decision.KeepsKey)
            writer.Write(places.Key, Encoding.ASCII.GetBytes(key.ToTraditionalPem()), AtomicFile.Secret, owners.Of(standing.KeyCarrier.Planned), sync);
        if (Stands(places.Request, planned, key))
            return;
        var request = CertificateSigningRequest.Create(
            key, planned.Subject, planned.Names, planned.Profile.KeyUsageFor(key.PublicKey.Kind), planned.Profile.KeyPurposes);
        writer.Write(places.Request, Encoding.ASCII.GetBytes(request.ToPem()), AtomicFile.Public, owners.Of(standing.KeyCarrier.Planned), sync);
    }

    private void Write(PlannedFile planned, string path, string text) =>
        writer.Write(path, Encoding.UTF8.GetBytes(text), planned.Mode, owners.Of(planned), sync);

    private MadeLeaf KeptLeaf(StandingCertificate standing, RequestFiles places, KeyPair key)
    {
        var chain = standing.Chain.Count > 0 ? standing.Chain : Pki.Certificates.Certificate.ListFromPem(File.ReadAllText(places.Certificate));
        var roles = material.RolesOf(standing.Planned.Authority);
        return new(standing.Planned, roles is not null && roles.HasSigned(chain[0]) ? roles.ChainOf(chain[0]) : chain, key.ToTraditionalPem());
    }

    private static KeyPair? KeyOf(StandingCertificate standing, RequestFiles places) => standing.KeyCarrier.ReadKey(null, out _)
        ?? (places.IsKubeconfig && File.Exists(places.Key) ? KeyPair.FromPem(File.ReadAllText(places.Key)) : null);

    private static bool Stands(string path, PlannedCertificate planned, KeyPair key)
    {
        try
        {
            if (!File.Exists(path))
                return false;
            var request = CertificateSigningRequest.FromPem(File.ReadAllText(path));
            return request.PublicKey.Equals(key.PublicKey) && request.Subject.Equals(planned.Subject) && request.Names.SequenceEqual(planned.Names);
        }
        catch (PkiFormatException)
        {
            return false;
        }
    }

    private void DeletePending(RequestFiles places)
    {
        foreach (var path in new[] { places.Request, places.Certificate, places.Key }.Where(File.Exists))
            writer.Delete(path);
    }
}
