// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Who may read and write the files.</summary>
internal static class ModeRules
{
    private const UnixFileMode OthersRead = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode GroupRead = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode AnyWrite = UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    private static readonly string[] SecretFlags = ["token-auth-file", "basic-auth-file", "encryption-provider-config"];

    public static Rule<SurveyedFile> SecretReadable { get; } = new("secret-readable", Severity.Error,
        "Whoever has the key or token is the component, for as long as the certificate lives.",
        (survey, file) => file.Body is NoBody || !(file.IsSecret || IsNamedAsSecret(survey, file)) ? []
            : (file.Mode & OthersRead) != 0 ? [new($"every user of the machine may read it (mode {Octal(file.Mode)})", Remedies.Mode(file, "0600"))]
            : (file.Mode & GroupRead) != 0 ? [new($"its group may read it (mode {Octal(file.Mode)})", Remedies.Mode(file, "0600")) { Severity = Severity.Warning }]
            : []);

    public static Rule<SurveyedFile> Writable { get; } = new("certificate-writable", Severity.Error,
        "Whoever may write it decides who is trusted, or stops the component.",
        (_, file) => !file.IsSecret && file.Body is not NoBody && file.Role.Kind != RoleKind.Unknown && (file.Mode & AnyWrite) != 0
            ? [new($"others than its owner may write it (mode {Octal(file.Mode)})", Remedies.Mode(file, "0644"))
                {
                    Severity = file.Mode.HasFlag(UnixFileMode.OtherWrite) ? Severity.Error : Severity.Warning,
                }]
            : []);

    public static Rule<SurveyedFile> Owner { get; } = new("secret-owner", Severity.Warning,
        "Its owner may read and replace it whatever its mode is; often it is whoever copied it here.",
        (survey, file) => file.Owner is { User: not 0 } owner && survey.FolderOf(file)?.Owner is { } folder && owner.User != folder.User
            ? [new($"it belongs to user {owner.User}, but its folder to user {folder.User}", $"chown {folder} {file.Path}")]
            : []);

    public static Rule<Survey> FolderWritable { get; } = new("folder-writable", Severity.Error,
        "Whoever may write the folder puts other files in place of these, whatever the modes of the files are.",
        (survey, _) => survey.Folders.Where(folder => (folder.Mode & AnyWrite) != 0 && !folder.Mode.HasFlag(UnixFileMode.StickyBit)
                && survey.Files.Any(file => file.Role.Kind != RoleKind.Unknown && Path.GetDirectoryName(file.Path) == folder.Path))
            .Select(folder => new Fault($"others than its owner may write the folder (mode {Octal(folder.Mode)})", $"chmod 0755 {folder.Path}")
            {
                File = survey.Files.First(file => Path.GetDirectoryName(file.Path) == folder.Path),
                Subject = folder.Node.Length == 0 ? folder.PathOnNode : $"{folder.Node}{folder.PathOnNode}",
            }));

    /// <summary>Files of tokens, passwords and encryption keys look like any text: the flags that name them tell.</summary>
    private static bool IsNamedAsSecret(Survey survey, SurveyedFile file) => file.Pem is null && file.Role.Kind == RoleKind.Unknown
        && survey.Components.Any(component => SecretFlags.Any(name => component[name] is { } flag && survey.Resolve(flag.File, flag.Value) == file));

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode & 0x1ff, 8).PadLeft(3, '0');
}
