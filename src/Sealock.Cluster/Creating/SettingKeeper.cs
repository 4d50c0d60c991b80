// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Settings;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Creating;

/// <summary>
/// Components' settings in a set. What was written is remembered by its hash, so that a file that somebody has changed by
/// hand is not overwritten, and one that nobody has touched follows the configuration.
/// </summary>
internal sealed class SettingKeeper
{
    private const string RecordName = "settings.sha256";

    private readonly SetFolder _folder;
    private readonly ConcurrentDictionary<string, string> _written;
    private readonly ConcurrentDictionary<string, byte[]> _secrets = new(StringComparer.Ordinal);

    public SettingKeeper(SetFolder folder)
    {
        _folder = folder;
        _written = new(ReadRecord(Path.Combine(folder.State, RecordName)), StringComparer.Ordinal);
    }

    /// <summary>What to do about a file of settings.</summary>
    public static CreationDecision Decide(StandingFile file, byte[] wanted, string? writtenHash)
    {
        if (file.IsMissing)
            return CreationDecision.Make("missing");
        if (file.Content is not { } standing)
            return CreationDecision.Report($"it cannot be read: {file.Problem}");
        if (standing.AsSpan().SequenceEqual(wanted))
            return CreationDecision.Keep("as the configuration wants it");
        return writtenHash is null ? CreationDecision.Keep("made by somebody else, and left alone")
            : writtenHash == Hash(standing) ? CreationDecision.Make("follows the configuration")
            : CreationDecision.Report("changed by hand, so it was left alone; delete it to have it made anew");
    }

    /// <summary>The content that a file is to have; null where it is none of settings.</summary>
    /// <remarks>Secrets are made on first use and kept in the set, whatever comes of the nodes' files.</remarks>
    public byte[]? Wanted(PlannedFile file, ClusterConfiguration configuration, SetWriter? writer) => file.Content switch
    {
        Setting setting => Encoding.UTF8.GetBytes(setting.Text),
        SecretSetting secret => Secret(secret, configuration, writer),
        _ => null,
    };

    /// <summary>What to do about a file, by what this set's runs wrote before.</summary>
    public CreationDecision Decide(StandingFile file, byte[] wanted) => Decide(file, wanted, _written.GetValueOrDefault(file.Planned.Title));

    /// <summary>Remembers what was written, or what stands as wanted.</summary>
    public void Remember(StandingFile file, CreationDecision decision, byte[] wanted)
    {
        if (decision.Verdict == CreationVerdict.Make || file.Content.AsSpan().SequenceEqual(wanted))
            _written[file.Planned.Title] = Hash(wanted);
    }

    /// <summary>Stores what is remembered.</summary>
    public void Save(SetWriter writer)
    {
        var text = string.Concat(_written.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value}  {pair.Key}\n")));
        var path = Path.Combine(_folder.State, RecordName);
        if (text.Length > 0 && !(File.Exists(path) && File.ReadAllText(path) == text))
            writer.Write(path, Encoding.UTF8.GetBytes(text), AtomicFile.Secret);
    }

    private byte[] Secret(SecretSetting secret, ClusterConfiguration configuration, SetWriter? writer)
    {
        // Not GetOrAdd: its function may run twice, and the second secret would win on the disk.
        lock (_secrets)
        {
            if (_secrets.TryGetValue(secret.Name, out var known))
                return known;
            var path = Path.Combine(_folder.Secrets, secret.Name);
            var kept = File.Exists(path) ? File.ReadAllBytes(path) : null;
            var content = SecretSettings.Make(secret, configuration, kept);
            if (kept is null || !kept.AsSpan().SequenceEqual(content))
                writer?.Write(path, content, AtomicFile.Secret, sync: true);
            return _secrets[secret.Name] = content;
        }
    }

    private static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static IEnumerable<KeyValuePair<string, string>> ReadRecord(string path) => !File.Exists(path) ? [] :
        File.ReadLines(path).Select(line => line.Split("  ", 2)).Where(parts => parts.Length == 2)
            .Select(parts => KeyValuePair.Create(parts[1], parts[0]));
}
