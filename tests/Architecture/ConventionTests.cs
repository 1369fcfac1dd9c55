using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansFlow.Tests.Architecture;

public class ConventionTests
{
    private static IEnumerable<SourceFile> Product =>
        SourceCode.Files.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    [Fact]
    public void EveryFile_HasAFileScopedNamespace_OfItsProjectAndFolder() =>
        Product.Where(file => !file.All<GlobalStatementSyntax>().Any() && file.All<BaseTypeDeclarationSyntax>().Any())
            .Select(file => (file.Path, Found: file.All<FileScopedNamespaceDeclarationSyntax>().SingleOrDefault()?.Name.ToString(), Wanted: NamespaceOf(file.Path)))
            .Where(entry => entry.Found != entry.Wanted)
            .Select(entry => $"{entry.Path}: namespace {entry.Found ?? "(none)"} instead of {entry.Wanted}")
            .ShouldBeEmpty();

    [Fact]
    public void EnumsOfTheDomain_StartAtOne()
    {
        var failures = new List<string>();
        foreach (var file in SourceCode.Of("Domain"))
        {
            foreach (var type in file.All<EnumDeclarationSyntax>())
            {
                var values = type.Members.Select(member => member.EqualsValue?.Value.ToString()).ToList();
                if (values is [null or "0", ..] || values.Contains("0"))
                {
                    failures.Add($"{file.At(type)}: {type.Identifier.Text} has a member with the value 0, which must stay invalid");
                }
            }
        }

        failures.ShouldBeEmpty();
    }

    [Fact]
    public void TheDomain_KnowsNoTasksAndNoInputOrOutput()
    {
        string[] banned = ["System.Threading.Tasks", "System.IO", "System.Net", "System.Threading", "Microsoft.Extensions.Logging"];
        string[] types = ["Task", "ValueTask", "ILogger", "TimeProvider", "File", "HttpClient"];
        SourceCode.Of("Domain")
            .SelectMany(file => file.All<UsingDirectiveSyntax>().Where(directive => banned.Contains(directive.Name?.ToString()))
                .Select(directive => $"{file.At(directive)}: {directive}")
                .Concat(file.All<MethodDeclarationSyntax>().Where(method => types.Any(type => IsNamed(method.ReturnType, type)))
                    .Select(method => $"{file.At(method)}: {method.Identifier.Text} returns {method.ReturnType}"))
                .Concat(file.All<ParameterSyntax>().Where(parameter => types.Any(type => IsNamed(parameter.Type, type)))
                    .Select(parameter => $"{file.At(parameter)}: takes {parameter.Type}")))
            .ShouldBeEmpty("the domain is (state, event, now) -> step");
    }

    [Fact]
    public void TheCore_NeverLeavesItsScheduler() =>
        SourceCode.Of("Domain", "Scheduling")
            .SelectMany(file => file.All<MemberAccessExpressionSyntax>()
                .Where(access => access.Name.Identifier.Text is "ConfigureAwait" or "ContinueWith" or "StartNew" or "CancelAfter")
                .Select(access => $"{file.At(access)}: {access.Name}"))
            .ShouldBeEmpty();

    [Fact]
    public void NothingIsLeftUnfinished()
    {
        // Spelt apart, so that this file does not find itself.
        string[] words = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception"];
        Repository.Files.Where(path => Path.GetExtension(path) is ".cs" or ".py" or ".sh" or ".sql" or ".csproj")
            .SelectMany(path => File.ReadLines(Repository.PathOf(path))
                .Select((line, index) => (line, index))
                .Where(entry => words.Any(word => entry.line.Contains(word, StringComparison.Ordinal)))
                .Select(entry => $"{path}:{entry.index + 1}: {entry.line.Trim()}"))
            .ShouldBeEmpty();
    }

    [Fact]
    public void NoTestIsSkippedForGood() =>
        SourceCode.Files.Where(file => file.Path.StartsWith("tests/", StringComparison.Ordinal))
            .SelectMany(file => file.All<AttributeArgumentSyntax>()
                .Where(argument => argument.NameEquals?.Name.Identifier.Text == "Skip")
                .Select(argument => $"{file.At(argument)}: {argument}"))
            .ShouldBeEmpty();

    private static bool IsNamed(TypeSyntax? type, string name) => type switch
    {
        GenericNameSyntax generic => generic.Identifier.Text == name,
        IdentifierNameSyntax identifier => identifier.Identifier.Text == name,
        NullableTypeSyntax nullable => IsNamed(nullable.ElementType, name),
        _ => false,
    };

    private static string NamespaceOf(string path)
    {
        var folders = path.Split('/')[1..^1];
        return "OrleansFlow." + string.Join('.', folders);
    }
}
